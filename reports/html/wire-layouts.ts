/** Which bytes of a message are which field (5.13.6), so that a reader can check a verdict against the wire. */
import type { Fields } from './event-fields.ts';
import { propertyList, type ProbeProperty } from './probe-properties.ts';
import { attachFlagNames, faultFlagNames, faultReasonName, mapFlagNames, statusName } from './wire-names.ts';

/** A field as it lies on the wire; `offset` in bytes, `digits` two a byte. */
export interface WireField {
  readonly name: string;
  readonly offset: number;
  readonly digits: string;
  /** The little-endian number, or what it stands for. */
  readonly value: string;
  /** A reserved field that is not zero. */
  readonly odd: boolean;
}

/** Name, size in bytes, and what values stand for if not for numbers. */
type Row = readonly [name: string, size: number, words?: (value: bigint) => string];

const flags = (names: (word: bigint) => string) => (value: bigint) => `0x${value.toString(16)} (${names(value)})`;

const HEAD: readonly Row[] = [
  ['type', 1],
  ['reserved', 3],
];

const REQUESTS: Readonly<Record<string, readonly Row[]>> = {
  ATTACH: [...HEAD, ['domain', 4], ['endpoint', 4], ['flags', 4, flags(attachFlagNames)], ['reserved', 4]],
  DETACH: [...HEAD, ['domain', 4], ['endpoint', 4], ['reserved', 8]],
  MAP: [
    ...HEAD,
    ['domain', 4],
    ['virt_start', 8],
    ['virt_end', 8],
    ['phys_start', 8],
    ['flags', 4, flags(mapFlagNames)],
  ],
  UNMAP: [...HEAD, ['domain', 4], ['virt_start', 8], ['virt_end', 8], ['reserved', 4]],
  PROBE: [...HEAD, ['endpoint', 4], ['reserved', 64]],
};

const TAIL: readonly Row[] = [
  ['status', 1, (value) => statusName(Number(value))],
  ['reserved', 3],
];
const TAIL_SIZE = 4;

const FAULT: readonly Row[] = [
  ['reason', 1, (value) => faultReasonName(Number(value))],
  ['reserved', 3],
  ['flags', 4, flags(faultFlagNames)],
  ['endpoint', 4],
  ['reserved', 4],
  ['address', 8],
];

const PROPERTY_HEAD: readonly Row[] = [
  ['type', 2],
  ['length', 2],
];
const RESV_MEM: readonly Row[] = [
  ['subtype', 1],
  ['reserved', 3],
  ['start', 8],
  ['end', 8],
];
const RESV_MEM_SIZE = 20;

/** More properties than this are not taken apart. */
const PROPERTIES_MAX = 8;

/** The fields of an event's bytes; none if nobody defines what they are. */
export function wireFields(kind: string, event: Fields): WireField[] {
  const { bytes, name } = event;
  if (typeof bytes !== 'string' || !/^([0-9a-f]{2})+$/.test(bytes)) return [];
  if (kind === 'request') return typeof name === 'string' ? fieldsOf(REQUESTS[name] ?? [], bytes, 0) : [];
  if (kind === 'fault-report') return event['delivered'] === false ? [] : fieldsOf(FAULT, bytes, 0);
  if (kind !== 'completion' || event['status'] === undefined) return [];
  const tailOffset = Math.max(0, bytes.length / 2 - TAIL_SIZE);
  const properties = name === 'PROBE' ? propertyList(bytes.slice(0, tailOffset * 2)).slice(0, PROPERTIES_MAX) : [];
  return [
    ...properties.flatMap((property, index) => propertyFields(property, index, bytes)),
    ...fieldsOf(TAIL, bytes, tailOffset),
  ];
}

function propertyFields({ offset, length }: ProbeProperty, index: number, bytes: string): WireField[] {
  const rows = [...PROPERTY_HEAD, ...(length === RESV_MEM_SIZE ? RESV_MEM : [['value', length] as const])];
  return fieldsOf(rows, bytes, offset).map((field) => {
    const hasReservedBits = field.name === 'type' && (Number(`0x${field.digits.slice(2)}`) & 0xf0) !== 0;
    const value = hasReservedBits ? `${field.value} (bits 12 to 15 are reserved)` : field.value;
    return { ...field, name: `property ${index}: ${field.name}`, value, odd: field.odd || hasReservedBits };
  });
}

/** As many of `rows` as there are bytes for. */
function fieldsOf(rows: readonly Row[], bytes: string, from: number): WireField[] {
  const fields: WireField[] = [];
  let offset = from;
  for (const [name, size, words] of rows) {
    const digits = bytes.slice(offset * 2, (offset + size) * 2);
    if (digits.length < size * 2 || size === 0) break;
    const value = BigInt(`0x${digits.match(/../g)?.toReversed().join('')}`);
    const isReserved = name === 'reserved';
    fields.push({ name, offset, digits, value: textOf(value, isReserved, words), odd: isReserved && value !== 0n });
    offset += size;
  }
  return fields;
}

function textOf(value: bigint, isReserved: boolean, words: Row[2]): string {
  if (words) return words(value);
  if (isReserved) return value === 0n ? 'zero' : 'not zero';
  return `0x${value.toString(16)}`;
}
