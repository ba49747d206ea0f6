import { expect, it } from 'vitest';
import { partOf } from './shard.ts';

it('gives everything where there is no shard', () => {
  expect(partOf(['a', 'b'], undefined)).toEqual(['a', 'b']);
});

it('gives each variant to one shard, in order, and no shard more than one variant more than another', () => {
  for (let length = 0; length <= 40; length++) {
    const plan = Array.from({ length }, (_, index) => index);
    for (let count = 1; count <= 12; count++) {
      const parts = Array.from({ length: count }, (_, index) => partOf(plan, { index: index + 1, count }));
      expect(parts.flat()).toEqual(plan);
      const sizes = parts.map((part) => part.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  }
});
