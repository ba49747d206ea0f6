/**
 * The ACPI table that tells an x86 guest of windows of registers: an SSDT with a device LNRO0005, which is Linux's name for
 * virtio-mmio, for each. Users have no compiler for ASL, so its bytes are written here (ACPI 6.5, chapter 20 for the code
 * and 6.4 for the resources); `iasl -d` reads them back.
 */
import { ACPI_HEADER, withChecksum } from '../../../reference-device/topology/acpi-header.ts';
import { layout, le32, u8 } from '../../../reference-device/wire/layout.ts';
import type { CarriedWindow } from './window-carriers.ts';

const Header = layout('acpi_table_header', ACPI_HEADER);

const Memory32Fixed = layout('Memory32Fixed', {
  tag: u8,
  length_low: u8,
  length_high: u8,
  flags: u8,
  address: le32,
  bytes: le32,
});

const ExtendedInterrupt = layout('Interrupt', {
  tag: u8,
  length_low: u8,
  length_high: u8,
  flags: u8,
  count: u8,
  number: le32,
});

const MEMORY_32_FIXED = 0x86;
const EXTENDED_INTERRUPT = 0x89;
const TAG_BYTES = 3;
const READ_WRITE = 1;
/** Level, active high. */
const CONSUMER = 1;
const SHARED = 8;
/** A checksum of 0 is none. */
const END_TAG = [0x79, 0];

const OP = {
  one: 0x01,
  name: 0x08,
  byte: 0x0a,
  string: 0x0d,
  scope: 0x10,
  buffer: 0x11,
  device: [0x5b, 0x82],
} as const;

type Code = readonly number[];

const text = (letters: string): Code => Array.from(letters, (letter) => letter.charCodeAt(0));

/** A package with its length in front, which counts itself: in one byte up to 63, else in two. */
function sized(body: Code): Code {
  const short = body.length + 1;
  if (short < 0x40) return [short, ...body];
  const long = body.length + 2;
  return [0x40 | (long & 0xf), long >> 4, ...body];
}

const byte = (value: number): Code => [OP.byte, value];
const named = (name: string, value: Code): Code => [OP.name, ...text(name), ...value];
const buffer = (bytes: Code): Code => [OP.buffer, ...sized([...byte(bytes.length), ...bytes])];

const resources = ({ address, length, interrupt }: CarriedWindow): Code => [
  ...Memory32Fixed.encode({
    tag: MEMORY_32_FIXED,
    length_low: Memory32Fixed.size - TAG_BYTES,
    flags: READ_WRITE,
    address,
    bytes: length,
  }),
  ...ExtendedInterrupt.encode({
    tag: EXTENDED_INTERRUPT,
    length_low: ExtendedInterrupt.size - TAG_BYTES,
    flags: CONSUMER | SHARED,
    count: 1,
    number: interrupt,
  }),
  ...END_TAG,
];

const device = (window: CarriedWindow, index: number): Code => [
  ...OP.device,
  ...sized([
    ...text(`VR0${index}`),
    ...named('_HID', [OP.string, ...text('LNRO0005'), 0]),
    ...named('_UID', byte(index)),
    ...named('_CCA', [OP.one]),
    ...named('_CRS', buffer(resources(window))),
  ]),
];

/** The table, ready for the firmware: its bytes sum up to 0 modulo 256. */
export function windowTable(windows: readonly CarriedWindow[]): Uint8Array {
  const code = [OP.scope, ...sized([...text('\\_SB_'), ...windows.flatMap(device)])];
  const table = new Uint8Array(Header.size + code.length);
  table.set(
    Header.encode({
      signature: 'SSDT',
      length: table.length,
      revision: 2,
      oem_id: 'VIOMMU',
      oem_table_id: 'VWINDOWS',
      oem_revision: 1,
      creator_id: 'VSPC',
      creator_revision: 1,
    }),
  );
  table.set(code, Header.size);
  return withChecksum(table);
}
