import { describe, expect, test } from 'vitest';
import type { DeviceFaultName } from '../device-faults.ts';
import { TestBench } from './test-bench.ts';

const hexOf = (...faults: DeviceFaultName[]): string => {
  const bench = new TestBench({ faults: faults.map((name) => ({ name })) });
  return Buffer.from(bench.iommu.faultRecord('MAPPING', 0x118, 0x1_2345_6789n, 'write').bytes).toString('hex');
};

describe('faultRecord', () => {
  test('holds reason, flags, endpoint and address, and zeros elsewhere', () => {
    expect(hexOf()).toBe(['02000000', '02010000', '18010000', '00000000', '8967452301000000'].join(''));
  });

  test.each([
    ['UNKNOWN', 'read', 0, 0x101],
    ['DOMAIN', 'read', 1, 0x101],
    ['MAPPING', 'write', 2, 0x102],
  ] as const)('says %s for a %s as %i with flags %i', (reason, access, number, flags) => {
    const record = new TestBench().iommu.faultRecord(reason, 0x118, 0x1000n, access);
    expect(record).toMatchObject({ reason: number, flags, endpoint: 0x118, address: 0x1000n });
    expect(record).not.toHaveProperty('fault');
  });

  test.each<[DeviceFaultName, string]>([
    ['fault-reserved-nonzero', ['02a5a5a5', '02010000', '18010000', '00000000', '8967452301000000'].join('')],
    ['fault-reserved1-nonzero', ['02000000', '02010000', '18010000', 'a5a5a5a5', '8967452301000000'].join('')],
    ['fault-undefined-flags', ['02000000', '06030001', '18010000', '00000000', '8967452301000000'].join('')],
    ['fault-unknown-reason', ['42000000', '02010000', '18010000', '00000000', '8967452301000000'].join('')],
    ['fault-without-address', ['02000000', '02000000', '18010000', '00000000', '0000000000000000'].join('')],
  ])('with %s differs in the bytes that the switch names', (name, hex) => {
    expect(hexOf(name)).toBe(hex);
  });

  test('names the switches that changed it, and says what the bytes say', () => {
    const bench = new TestBench({ faults: [{ name: 'fault-without-address' }, { name: 'fault-unknown-reason' }] });
    expect(bench.iommu.faultRecord('DOMAIN', 1, 0x1000n, 'read')).toMatchObject({
      reason: 0x42,
      flags: 1,
      address: 0n,
      fault: 'fault-without-address, fault-unknown-reason',
    });
  });
});
