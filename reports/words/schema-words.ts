/** What a schema misses in data from outside, in plain words. */
import type { z } from 'zod';
import { counted } from '../../reference-device/counted.ts';

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/**
 * To be given to `safeParse` as `error`: `expected a list, found nothing` in place of what the library says. Messages
 * that stand in the schema itself are kept.
 */
export const plainly: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}, found ${kindOf(issue.input)}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
      return `expected ${sizeOf(issue.origin, issue.minimum, 'at least')}`;
    case 'too_big':
      return `expected ${sizeOf(issue.origin, issue.maximum, 'at most')}`;
    default:
      return undefined;
  }
};

function sizeOf(origin: string, limit: number | bigint, bound: 'at least' | 'at most'): string {
  if (origin === 'string') return `${bound} ${counted(limit, 'character')}`;
  if (origin === 'array') return `${bound} ${counted(limit, 'entry', 'entries')}`;
  return `${bound} ${limit}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value);
  return TYPES[typeof value] ?? typeof value;
}
