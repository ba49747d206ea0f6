import { expect, it } from 'vitest';
import { Allowance } from './allowance.ts';

it('shares what is left equally among those that are to come', () => {
  const allowance = new Allowance(60_000, 10);
  const before = allowance.next();
  allowance.spend('x'.repeat(50_000));
  const after = allowance.next();
  expect(before.rows).toBeGreaterThan(0);
  expect(after.rows).toBe(0);
});

it('gives everything where there is plenty', () => {
  expect(new Allowance(2_000_000, 3).next()).toMatchObject({ timeline: true, full: true });
  expect(new Allowance(2_000_000, 300).next()).toMatchObject({ timeline: false, full: false });
});
