import { describe, expect, test } from 'vitest';
import { TestBench } from './test-bench.ts';

const LAST = 0xffff_ffff_ffff_ffffn;

const attached = (): TestBench => {
  const bench = new TestBench();
  bench.attach({ domain: 7, endpoint: 1 });
  return bench;
};

describe('translate', () => {
  test('walks across adjoining mappings, a segment for each', () => {
    const bench = attached();
    bench.map({ domain: 7, virt_start: 0x1000n, virt_end: 0x1fffn, phys_start: 0x9000n });
    bench.map({ domain: 7, virt_start: 0x2000n, virt_end: 0x2fffn, phys_start: 0x4000n });
    expect(bench.iommu.translate(1, 0x1ff0n, 0x20, 'read')).toEqual({
      outcome: 'ok',
      segments: [
        { gpa: 0x9ff0n, length: 0x10 },
        { gpa: 0x4000n, length: 0x10 },
      ],
      bypassed: false,
    });
  });

  test('stops at the first byte that is not mapped and keeps the part before it', () => {
    const bench = attached();
    bench.map({ domain: 7, virt_start: 0x1000n, virt_end: 0x1fffn, phys_start: 0x9000n });
    expect(bench.iommu.translate(1, 0x1fffn, 2, 'read')).toEqual({
      outcome: 'fault',
      segments: [{ gpa: 0x9fffn, length: 1 }],
      reason: 'MAPPING',
      faultAddress: 0x2000n,
      bypassed: false,
    });
  });

  test.each([
    ['READ', 1, 'read', 'ok'],
    ['READ', 1, 'write', 'fault'],
    ['WRITE', 2, 'write', 'ok'],
    ['WRITE', 2, 'read', 'fault'],
    ['READ and WRITE', 3, 'read', 'ok'],
    ['READ and WRITE', 3, 'write', 'ok'],
    ['neither', 0, 'read', 'fault'],
    ['MMIO alone', 4, 'write', 'fault'],
    ['MMIO and WRITE', 6, 'write', 'ok'],
  ] as const)('with flags %s (%i), a %s ends in %s', (_name, flags, access, outcome) => {
    const bench = attached();
    bench.map({ domain: 7, virt_start: 0x1000n, virt_end: 0x1fffn, flags });
    expect(bench.iommu.translate(1, 0x1000n, 4, access).outcome).toBe(outcome);
  });

  test('faults in the second of two mappings if only the first allows the access', () => {
    const bench = attached();
    bench.map({ domain: 7, virt_start: 0x1000n, virt_end: 0x1fffn, flags: 3 });
    bench.map({ domain: 7, virt_start: 0x2000n, virt_end: 0x2fffn, flags: 1 });
    expect(bench.iommu.translate(1, 0x1ff8n, 16, 'write')).toMatchObject({ reason: 'MAPPING', faultAddress: 0x2000n });
  });

  test('reaches the last address and not the one behind it', () => {
    const bench = attached();
    bench.map({ domain: 7, virt_start: LAST - 0xfffn, virt_end: LAST, phys_start: 0x1000n });
    expect(bench.iommu.translate(1, LAST - 3n, 4, 'read').segments).toEqual([{ gpa: 0x1ffcn, length: 4 }]);
    expect(bench.iommu.translate(1, LAST - 3n, 5, 'read')).toMatchObject({
      outcome: 'fault',
      faultAddress: LAST - 3n,
      segments: [],
    });
  });

  test('faults for want of a domain while the endpoint is not attached', () => {
    expect(new TestBench().iommu.translate(1, 0x1000n, 4, 'read')).toMatchObject({
      outcome: 'fault',
      reason: 'DOMAIN',
      faultAddress: 0x1000n,
      bypassed: false,
    });
  });

  test('faults for an unknown reason if the endpoint is none of this IOMMU', () => {
    expect(new TestBench({ config: { bypass: 1 } }).byteAt(9, 0x1000n)).toBe('UNKNOWN');
  });

  test('keeps endpoints in different domains apart', () => {
    const bench = attached();
    bench.attach({ domain: 8, endpoint: 2 });
    bench.map({ domain: 7, virt_start: 0x1000n, virt_end: 0x1fffn });
    expect(bench.byteAt(2, 0x1000n)).toBe('MAPPING');
  });

  test('faults in a reserved region, where nothing can be mapped', () => {
    const bench = new TestBench({
      endpoints: [{ id: 1, resvMem: [{ subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn }] }],
    });
    bench.attach({ domain: 7, endpoint: 1 });
    expect(bench.byteAt(1, 0xfee0_0000n, 'write')).toBe('MAPPING');
  });
});
