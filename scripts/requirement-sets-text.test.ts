import { expect, test } from 'vitest';
import { completed } from './requirement-sets-text.ts';

const row = (id: string, special: { since?: string; notTestable?: string } = {}) =>
  ({ id, since: '1.2', ...special }) as never;

test('what is new in the tables counts in the newest version only, and what is recorded stays', () => {
  const recorded = { '1.2': ['b', 'gone'], '1.4': ['d'] };
  const rows = [row('a'), row('b'), row('c', { notTestable: 'No.' }), row('d'), row('e', { since: 'never' })];
  expect(completed(recorded, rows)).toEqual({ '1.2': ['b', 'gone'], '1.4': ['a', 'd'] });
});
