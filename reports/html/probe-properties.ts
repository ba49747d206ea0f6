/** Reads the properties out of a PROBE answer (5.13.6.7, 5.13.6.8), as far as they can be read. */

const HEADER_SIZE = 4;
const RESV_MEM = 1;
/** Bytes of a RESV_MEM property after its header. */
const RESV_MEM_SIZE = 20;
const SUBTYPES = ['RESERVED', 'MSI'] as const;
/** More than this are counted, not shown. */
const SHOWN_MAX = 8;

/** Every property in words, in the order of the list. `digits` are the device-writable bytes, as hex. */
export function probeProperties(digits: string): string[] {
  const bytes = Buffer.from(digits, 'hex');
  const properties: string[] = [];
  for (let offset = 0; offset + HEADER_SIZE <= bytes.byteLength; ) {
    // Bits 12..15 are reserved.
    const type = bytes.readUInt16LE(offset) & 0xfff;
    const length = bytes.readUInt16LE(offset + 2);
    if (type === 0) break;
    properties.push(propertyText(type, bytes.subarray(offset + HEADER_SIZE, offset + HEADER_SIZE + length), length));
    offset += HEADER_SIZE + length;
  }
  const more = properties.length - SHOWN_MAX;
  return more > 0 ? [...properties.slice(0, SHOWN_MAX), `${more} more properties`] : properties;
}

/** `RESV_MEM MSI 0xfee00000..0xfeefffff` */
function propertyText(type: number, value: Buffer, length: number): string {
  if (type !== RESV_MEM || value.byteLength < RESV_MEM_SIZE) return `property of type ${type}, ${length} bytes`;
  const subtype = value.readUInt8(0);
  const name = SUBTYPES[subtype] ?? `subtype ${subtype}`;
  const bound = (offset: number): string => `0x${value.readBigUInt64LE(offset).toString(16)}`;
  return `RESV_MEM ${name} ${bound(4)}..${bound(12)}`;
}
