import { describe, expect, test } from 'vitest';
import { LEAF_CAPACITY } from './mapping-leaf.ts';
import { Mappings } from './mappings.ts';

const PAGE = 0x1000n;
/** More than enough for a directory of many leaves. */
const MANY = LEAF_CAPACITY * 20;

/** Page `index` of every second page, so that there is a hole behind each. */
const pageMapping = (index: number) => {
  const virt_start = BigInt(index) * 2n * PAGE;
  return { virt_start, virt_end: virt_start + PAGE - 1n, phys_start: BigInt(index) * PAGE, flags: index & 7 };
};

const ORDERS: Readonly<Record<string, number[]>> = {
  upwards: Array.from({ length: MANY }, (_, index) => index),
  downwards: Array.from({ length: MANY }, (_, index) => MANY - 1 - index),
  // 7919 is prime and does not divide the count, so this meets every index once.
  scattered: Array.from({ length: MANY }, (_, index) => (index * 7919) % MANY),
  'from the middle outwards': Array.from({ length: MANY }, (_, index) =>
    index % 2 === 0 ? MANY / 2 + index / 2 : MANY / 2 - (index + 1) / 2,
  ),
};

describe.each(Object.entries(ORDERS))('mappings made %s', (_name, order) => {
  const filled = (): Mappings => {
    const mappings = new Mappings();
    for (const index of order) mappings.insert(pageMapping(index));
    return mappings;
  };

  test('are found at both ends and not beside them', () => {
    const mappings = filled();
    expect(mappings.count).toBe(MANY);
    const expected = order.map(pageMapping);
    expect(expected.map(({ virt_start }) => mappings.find(virt_start))).toEqual(expected);
    expect(expected.map(({ virt_end }) => mappings.find(virt_end))).toEqual(expected);
    expect(expected.filter(({ virt_end }) => mappings.find(virt_end + 1n))).toEqual([]);
  });

  test('stand in the order of their addresses', () => {
    expect([...filled()]).toEqual(ORDERS['upwards']?.map(pageMapping));
  });

  test('can be removed one by one in the same order', () => {
    const mappings = filled();
    for (const index of order) {
      const { virt_start, virt_end } = pageMapping(index);
      expect(mappings.removeWithin(virt_start, virt_end)).toBe(1);
      expect(mappings.find(virt_start)).toBeUndefined();
    }
    expect([...mappings]).toEqual([]);
  });

  test('can be removed all but the first and the last at once', () => {
    const mappings = filled();
    const [first, last] = [pageMapping(0), pageMapping(MANY - 1)];
    expect(mappings.removeWithin(first.virt_end + 1n, last.virt_start - 1n)).toBe(MANY - 2);
    expect([...mappings]).toEqual([first, last]);
  });
});

describe('mappings', () => {
  test('tell a free range from one that touches a mapping', () => {
    const mappings = new Mappings();
    expect(mappings.overlaps(0n, 0xffff_ffff_ffff_ffffn)).toBe(false);
    mappings.insert({ virt_start: 10n, virt_end: 19n, phys_start: 0n, flags: 0 });
    expect(mappings.overlaps(0n, 9n)).toBe(false);
    expect(mappings.overlaps(0n, 10n)).toBe(true);
    expect(mappings.overlaps(19n, 30n)).toBe(true);
    expect(mappings.overlaps(20n, 30n)).toBe(false);
    expect(mappings.overlaps(12n, 13n)).toBe(true);
    expect(mappings.overlaps(0n, 30n)).toBe(true);
  });

  test('say whether a range would split one of them', () => {
    const mappings = new Mappings();
    mappings.insert({ virt_start: 10n, virt_end: 19n, phys_start: 0n, flags: 0 });
    const splits = (start: bigint, end: bigint): boolean => mappings.wouldSplit(start, end);
    expect([splits(10n, 19n), splits(0n, 30n), splits(0n, 9n), splits(20n, 30n)]).toEqual([false, false, false, false]);
    expect([splits(11n, 19n), splits(10n, 18n), splits(0n, 10n), splits(19n, 30n)]).toEqual([true, true, true, true]);
  });

  test('reach both ends of the address space', () => {
    const mappings = new Mappings();
    const all = { virt_start: 0n, virt_end: 0xffff_ffff_ffff_ffffn, phys_start: 0n, flags: 3 };
    mappings.insert(all);
    expect(mappings.find(0n)).toEqual(all);
    expect(mappings.find(0xffff_ffff_ffff_ffffn)).toEqual(all);
    expect(mappings.removeWithin(0n, 0xffff_ffff_ffff_ffffn)).toBe(1);
  });

  test('stay within 64 bytes each, however they came about', () => {
    const mappings = new Mappings();
    for (const index of ORDERS['scattered']!) mappings.insert(pageMapping(index));
    for (const index of ORDERS['scattered']!) {
      const { virt_start, virt_end } = pageMapping(index);
      if (index % 5 !== 0) mappings.removeWithin(virt_start, virt_end);
    }
    expect(mappings.sizeInBytes / mappings.count).toBeLessThan(64);
  });
});
