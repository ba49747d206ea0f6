/** What every ACPI table begins with (ACPI 6.5, 5.2.6). */
import { ascii, le32, u8 } from '../wire/layout.ts';

export const ACPI_HEADER = {
  signature: ascii(4),
  length: le32,
  revision: u8,
  checksum: u8,
  oem_id: ascii(6),
  oem_table_id: ascii(8),
  oem_revision: le32,
  creator_id: ascii(4),
  creator_revision: le32,
} as const;

/** Offset of `checksum`. */
const CHECKSUM = 9;

/** The table, whose checksum is 0 until now, with one by which its bytes sum up to 0 modulo 256. */
export function withChecksum(table: Uint8Array): Uint8Array {
  table[CHECKSUM] = -table.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return table;
}
