/** How cases and monitors write numbers, accesses and values of the wire in their sentences. */
import type { EventOf } from '../../reference-device/trace-events.ts';
import {
  ATTACH_FLAG_NAMES,
  type BitNames,
  DEVICE_STATUS_NAMES,
  MAP_FLAG_NAMES,
  REQUEST_STATUS_NAMES,
} from '../../reference-device/wire/value-names.ts';

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** `write at 0xfffff000`. */
export const accessText = ({ access, address }: EventOf<'dma'>): string => `${access} at ${hex(address)}`;

/** `IOERR`; a status that the specification does not define as the number it is. */
export const requestStatus = (status: number): string => REQUEST_STATUS_NAMES[status] ?? `status ${hex(status)}`;

/** The names of the bits that are set, lowest first; a bit without a name is written as a number. */
function bits(value: number, names: BitNames): string {
  const set = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((value >>> bit) & 1) === 1);
  const words = set.map((bit) => names[bit] ?? hex(2 ** bit)).join('|');
  return set.every((bit) => names[bit] === undefined) ? hex(value) : `${words} (${hex(value)})`;
}

/** `READ|WRITE (0x3)`. */
export const mapFlags = (flags: number): string => bits(flags, MAP_FLAG_NAMES);

/** `BYPASS (0x1)`. */
export const attachFlags = (flags: number): string => bits(flags, ATTACH_FLAG_NAMES);

/** `ACKNOWLEDGE|DRIVER (0x3)`. */
export const deviceStatus = (status: number): string => bits(status, DEVICE_STATUS_NAMES);
