/** The shapes that VERBS.md gives the values of answers. */
import type { Answer, Verb } from './driver-session.ts';

type Shape = (value: unknown) => boolean;

const NUMBER = /^(0x[0-9a-f]{1,16}|[0-9]{1,20})$/i;
const REGION = /^(0x[0-9a-f]{1,16}) (0x[0-9a-f]{1,16}) (msi|reserved)$/;
const FAULT = /^(unknown|domain|mapping) endpoint=0x[0-9a-f]{1,8}( address=0x[0-9a-f]{1,16})?$/;

const number: Shape = (value) =>
  typeof value === 'number' ? Number.isInteger(value) && value >= 0 : typeof value === 'string' && NUMBER.test(value);
const hexBytes: Shape = (value) => typeof value === 'string' && /^([0-9a-f]{2})*$/i.test(value);
/** An empty list may be left out. */
const listOf =
  (item: RegExp): Shape =>
  (value = []) =>
    Array.isArray(value) && value.every((entry) => typeof entry === 'string' && item.test(entry));

/** The value that an `ok` to the verb has to carry. Verbs that are not named carry none. */
const VALUES: { readonly [V in Verb]?: { readonly key: string; readonly shape: Shape; readonly looksLike: string } } = {
  alloc: { key: 'iova', shape: number, looksLike: 'iova: "0xfffff000"' },
  io: { key: 'bytes', shape: number, looksLike: 'bytes: 16' },
  peek: { key: 'bytes', shape: hexBytes, looksLike: 'bytes: "00ff12e5"' },
  regions: { key: 'regions', shape: listOf(REGION), looksLike: '- "0xfee00000 0xfeefffff msi"' },
  faults: { key: 'faults', shape: listOf(FAULT), looksLike: '- "mapping endpoint=0x120 address=0x1000"' },
};

/** What is wrong with the values of an `ok` to `verb`, as a sentence; undefined if nothing is. */
export function valueFault(verb: Verb, values: Answer['values']): string | undefined {
  const expected = VALUES[verb];
  if (!expected || expected.shape(values[expected.key])) return undefined;
  const found = values[expected.key];
  return found === undefined
    ? `The answer to "${verb}" has no value "${expected.key}"; it looks like ${expected.looksLike}.`
    : `The answer to "${verb}" has ${expected.key}: ${JSON.stringify(found)}; it looks like ${expected.looksLike}.`;
}
