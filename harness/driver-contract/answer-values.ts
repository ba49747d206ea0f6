/** The YAML block of an answer as the harness keeps it: one level of scalars and lists of scalars. */

const MAX_VALUES = 64;
const MAX_ITEMS = 4096;
const KEY = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

type Scalar = string | number;
export type AnswerValues = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/**
 * The values in `diag`, which is what the YAML reader made of a block (null for an empty one).
 * Values of any other shape are left out, so that a driver may add what it likes.
 * Gives a sentence instead if a value would be wrong when kept: a number that has lost digits, or too many of them.
 */
export function answerValues(diag: unknown): AnswerValues | string {
  if (diag === null || diag === undefined) return {};
  if (typeof diag !== 'object' || Array.isArray(diag)) return 'the YAML block is not a list of "key: value" lines';
  const values: [string, Scalar | readonly Scalar[]][] = [];
  for (const [key, value] of Object.entries(diag)) {
    if (!KEY.test(key)) continue;
    if (values.length === MAX_VALUES) return `the YAML block has more than ${MAX_VALUES} values`;
    const isList = Array.isArray(value);
    const items: readonly unknown[] = isList ? value : [value];
    if (items.length > MAX_ITEMS) return `the list "${key}" has more than ${MAX_ITEMS} items`;
    if (items.some(lostDigits)) {
      return `the number in "${key}" is above 2^53, where YAML readers lose digits; it has to stand in quotes`;
    }
    if (!items.every(isScalar)) continue;
    const [only] = items;
    if (isList) values.push([key, items]);
    else if (only !== undefined) values.push([key, only]);
  }
  return Object.fromEntries(values);
}

const isScalar = (value: unknown): value is Scalar => typeof value === 'string' || typeof value === 'number';

const lostDigits = (value: unknown): boolean =>
  typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER);
