import { expect, it } from 'vitest';
import { Allowance } from './allowance.ts';

it('shares what is left equally among those that are to come', () => {
  const allowance = new Allowance(60_000, 10);
  const before = allowance.next();
  allowance.spend('x'.repeat(30_000));
  const after = allowance.next();
  expect(before.rows).toBeGreaterThan(0);
  expect(after.rows).toBe(0);
});

it('gives everything where there is plenty', () => {
  expect(new Allowance(2_000_000, 3).next()).toMatchObject({ timeline: true, full: true });
  expect(new Allowance(2_000_000, 300).next()).toMatchObject({ timeline: false, full: false });
});

it('shares the same however long things took', () => {
  const [quick, slow] = ['9.8 ms', '1042.75 s'].map((took) => {
    const allowance = new Allowance(60_000, 10);
    allowance.spend(`It took ${took}. `.repeat(500));
    return allowance.next();
  });
  expect(quick).toEqual(slow);
});
