/** How cases and monitors write numbers, accesses and values of the wire in their sentences. */
import type { EventOf } from '../../reference-device/trace-events.ts';

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** `write at 0xfffff000`. */
export const accessText = ({ access, address }: EventOf<'dma'>): string => `${access} at ${hex(address)}`;

const REQUEST_STATUSES = ['OK', 'IOERR', 'UNSUPP', 'DEVERR', 'INVAL', 'RANGE', 'NOENT', 'FAULT', 'NOMEM'];

/** `IOERR`; a status that the specification does not define as the number it is. */
export const requestStatus = (status: number): string => REQUEST_STATUSES[status] ?? `status ${hex(status)}`;

/** Names of bits, lowest first; a bit without a name is written as a number. */
type BitNames = Readonly<Record<number, string>>;

const MAP_FLAGS: BitNames = { 0: 'READ', 1: 'WRITE', 2: 'MMIO' };
const ATTACH_FLAGS: BitNames = { 0: 'BYPASS' };
const DEVICE_STATUS: BitNames = {
  0: 'ACKNOWLEDGE',
  1: 'DRIVER',
  2: 'DRIVER_OK',
  3: 'FEATURES_OK',
  4: 'SUSPEND',
  6: 'DEVICE_NEEDS_RESET',
  7: 'FAILED',
};

function bits(value: number, names: BitNames): string {
  const set = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((value >>> bit) & 1) === 1);
  const words = set.map((bit) => names[bit] ?? hex(2 ** bit)).join('|');
  return set.every((bit) => names[bit] === undefined) ? hex(value) : `${words} (${hex(value)})`;
}

/** `READ|WRITE (0x3)`. */
export const mapFlags = (flags: number): string => bits(flags, MAP_FLAGS);

/** `BYPASS (0x1)`. */
export const attachFlags = (flags: number): string => bits(flags, ATTACH_FLAGS);

/** `ACKNOWLEDGE|DRIVER (0x3)`. */
export const deviceStatus = (status: number): string => bits(status, DEVICE_STATUS);
