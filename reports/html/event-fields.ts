/** Reads the fields of a logged event, which may hold anything, and shows them in bounded text. */
import { counted } from '../../reference-device/counted.ts';
import { clipped } from '../printable.ts';

/** An event, or an object within one. */
export type Fields = Readonly<Record<string, unknown>>;

const SHOWN_MAX = 120;
const DEPTH_MAX = 4;
const ITEMS_MAX = 20;
/** `0x` and 128 bits; longer numbers do not occur on the wire. */
const HEX_LENGTH_MAX = 34;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value in words: strings as they are, anything unexpected as JSON. */
export function shown(value: unknown): string {
  if (value === undefined) return '?';
  return clipped(typeof value === 'string' ? value : boundedJson(value), SHOWN_MAX);
}

/** The number, whether logged as such or as `0x…`; undefined for anything else. */
export function integer(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string' || value.length > HEX_LENGTH_MAX) return undefined;
  return /^0x[0-9a-f]+$/i.test(value) ? BigInt(value) : undefined;
}

/** `0x1f`, or what is there instead of a number. */
export function hex(value: unknown): string {
  const number = integer(value);
  return number === undefined || number < 0n ? shown(value) : `0x${number.toString(16)}`;
}

/** `0x1000..0x1fff`, both inclusive. */
export function range(start: unknown, end: unknown): string {
  return `${hex(start)}..${hex(end)}`;
}

/** `length` bytes from `address` on, as an inclusive range. */
export function span(address: unknown, length: unknown): string {
  const start = integer(address);
  const size = integer(length);
  if (start === undefined || size === undefined || size <= 0n) return `${amount(length, 'byte')} at ${hex(address)}`;
  return size === 1n ? hex(address) : `${hex(address)}..0x${(start + size - 1n).toString(16)}`;
}

/** `1 byte`, `16 bytes`, `? bytes`: the value and what it counts. */
export function amount(value: unknown, one: string, many = `${one}s`): string {
  const number = integer(value);
  return number === undefined ? `${shown(value)} ${many}` : counted(number, one, many);
}

/** Names of the bits set, or what is there instead of a number. */
export function bits(value: unknown, names: (word: bigint) => string): string {
  const word = integer(value);
  return word === undefined ? shown(value) : names(word);
}

/** JSON of anything, with depth and width cut, so that a hostile value costs no more than an honest one. */
export function boundedJson(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(clipped(value, SHOWN_MAX));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((item) => boundedJson(item, depth + 1));
    return `[${items.concat(value.length > ITEMS_MAX ? ['…'] : []).join(', ')}]`;
  }
  const entries = Object.entries(value);
  const pairs = entries
    .slice(0, ITEMS_MAX)
    .map(([key, item]) => `${JSON.stringify(clipped(key, SHOWN_MAX))}: ${boundedJson(item, depth + 1)}`);
  return `{${pairs.concat(entries.length > ITEMS_MAX ? ['…'] : []).join(', ')}}`;
}
