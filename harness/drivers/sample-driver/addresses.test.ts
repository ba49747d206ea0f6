import { describe, expect, it } from 'vitest';
import type { DriverFaultName } from './driver-faults.ts';
import { freeAddress } from './iova-allocator.ts';
import { MappingTable } from './mapping-table.ts';
import { PhysicalMemory } from './physical-memory.ts';

const NO_FAULTS = new Set<DriverFaultName>();
const LIMITS = { start: 0x1000n, end: 0xffffn, granule: 0x1000n };

function tableOf(...ranges: [bigint, bigint][]): MappingTable {
  const table = new MappingTable();
  for (const [start, end] of ranges) table.add({ start, end, physical: 0n, flags: 3 });
  return table;
}

describe('addresses for buffers', () => {
  it('are the highest free ones', () => {
    expect(freeAddress(0x1000n, LIMITS, tableOf(), [], NO_FAULTS)).toBe(0xf000n);
    expect(freeAddress(0x1000n, LIMITS, tableOf([0xf000n, 0xffffn]), [], NO_FAULTS)).toBe(0xe000n);
  });

  it('fill a gap that is just large enough', () => {
    const table = tableOf([0xf000n, 0xffffn], [0x2000n, 0xcfffn]);
    expect(freeAddress(0x2000n, LIMITS, table, [], NO_FAULTS)).toBe(0xd000n);
    expect(freeAddress(0x3000n, LIMITS, table, [], NO_FAULTS)).toBeUndefined();
  });

  it('keep off reserved regions, also when they cover everything', () => {
    const region = { start: 0x8000n, end: 0xffffn, kind: 'reserved' } as const;
    expect(freeAddress(0x1000n, LIMITS, tableOf(), [region], NO_FAULTS)).toBe(0x7000n);
    const all = { start: 0n, end: 0xffff_ffff_ffff_ffffn, kind: 'msi' } as const;
    expect(freeAddress(0x1000n, LIMITS, tableOf(), [all], NO_FAULTS)).toBeUndefined();
  });

  it('lie on granules inside a range that does not', () => {
    const limits = { start: 0x1800n, end: 0x47ffn, granule: 0x1000n };
    expect(freeAddress(0x2000n, limits, tableOf(), [], NO_FAULTS)).toBe(0x2000n);
    expect(freeAddress(0x3000n, limits, tableOf(), [], NO_FAULTS)).toBeUndefined();
  });
});

describe('the mapping table', () => {
  it('finds what has an address in a range', () => {
    const table = tableOf([0x5000n, 0x5fffn], [0x1000n, 0x1fffn], [0x3000n, 0x3fffn]);
    expect(table.within(0x1fffn, 0x3000n).map(({ start }) => start)).toEqual([0x1000n, 0x3000n]);
    expect(table.within(0x2000n, 0x2fffn)).toEqual([]);
    expect(table.lastBefore(0x4fffn)?.start).toBe(0x3000n);
    expect(table.lastBefore(0xfffn)).toBeUndefined();
  });
});

describe('physical memory', () => {
  it('is given out zeroed and aligned to physical addresses, until it is used up', () => {
    const memory = new PhysicalMemory({ bytes: new Uint8Array(0x9000).fill(0xa5), base: 0x1_0000_3000n });
    const pages = memory.allocate(1, 0x4000);
    expect(pages).toEqual({ offset: 0x1000, length: 0x4000, physical: 0x1_0000_4000n });
    expect(memory.bytes.subarray(0x1000, 0x5000).every((byte) => byte === 0)).toBe(true);
    expect(memory.allocate(0x5000)).toBeUndefined();
    memory.release(pages!);
    expect(memory.allocate(0x9000)?.offset).toBe(0);
  });
});
