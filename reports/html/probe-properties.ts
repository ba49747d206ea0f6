/** Reads the properties out of a PROBE answer (5.13.6.7, 5.13.6.8), as far as they can be read. */
import { counted } from '../../reference-device/counted.ts';

const HEADER_SIZE = 4;
const RESV_MEM = 1;
/** Bytes of a RESV_MEM property after its header. */
const RESV_MEM_SIZE = 20;
const SUBTYPES = ['RESERVED', 'MSI'];
/** More than this are counted, not shown. */
const SHOWN_MAX = 8;
/** Bits 12 to 15 of a type are reserved; a property that has one of them set is to be ignored. */
const RESERVED_TYPE_BITS = 0xf000;

/** One property as it lies in the answer; `offset` and `length` in bytes, `length` without the header. */
export interface ProbeProperty {
  readonly offset: number;
  readonly type: number;
  readonly length: number;
  /** What there is of it. */
  readonly value: DataView;
}

/** A RESV_MEM property, with the bounds inclusive. */
interface ReservedRegion {
  readonly subtype: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** `MSI`, or `subtype 7`. */
export const subtypeName = (subtype: number): string => SUBTYPES[subtype] ?? `subtype ${subtype}`;

/** Every property up to the end of the list. `digits` are the device-writable bytes, as hex. */
export function propertyList(digits: string): ProbeProperty[] {
  const bytes = bytesOf(digits);
  const properties: ProbeProperty[] = [];
  for (let offset = 0; offset + HEADER_SIZE <= bytes.byteLength; ) {
    const type = bytes.getUint16(offset, true);
    const length = bytes.getUint16(offset + 2, true);
    if ((type & ~RESERVED_TYPE_BITS) === 0) break;
    const start = offset + HEADER_SIZE;
    const value = new DataView(bytes.buffer, start, Math.min(length, bytes.byteLength - start));
    properties.push({ offset, type, length, value });
    offset += HEADER_SIZE + length;
  }
  return properties;
}

/** Two hex digits a byte, up to what are none. */
function bytesOf(digits: string): DataView {
  const [even = ''] = /^([0-9a-f]{2})*/i.exec(digits) ?? [];
  return new DataView(Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)).buffer);
}

/** Every property in words, in the order of the list. */
export function probeProperties(digits: string): string[] {
  const properties = propertyList(digits).map(propertyText);
  const more = properties.length - SHOWN_MAX;
  return more > 0 ? [...properties.slice(0, SHOWN_MAX), `${more} more properties`] : properties;
}

function regionOf({ type, value }: ProbeProperty): ReservedRegion | undefined {
  if ((type & ~RESERVED_TYPE_BITS) !== RESV_MEM || value.byteLength < RESV_MEM_SIZE) return undefined;
  const subtype = value.getUint8(0);
  return {
    subtype: subtypeName(subtype),
    start: value.getBigUint64(4, true),
    end: value.getBigUint64(12, true),
  };
}

/** `RESV_MEM MSI 0xfee00000..0xfeefffff` */
function propertyText(property: ProbeProperty): string {
  const { type, length } = property;
  const reserved =
    (type & RESERVED_TYPE_BITS) === 0 ? '' : `, with reserved bits set in its type 0x${type.toString(16)}`;
  const region = regionOf(property);
  if (!region) return `property of type ${type & ~RESERVED_TYPE_BITS}, ${counted(length, 'byte')}${reserved}`;
  const { subtype, start, end } = region;
  return `RESV_MEM ${subtype} 0x${start.toString(16)}..0x${end.toString(16)}${reserved}`;
}
