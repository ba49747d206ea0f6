import { describe, expect, test } from 'vitest';
import type { FeatureName } from '../wire/features.ts';
import { VIRTIO_IOMMU_ATTACH_F_BYPASS, VIRTIO_IOMMU_S_OK } from '../wire/iommu.ts';
import { TestBench } from './test-bench.ts';

const OLD: FeatureName = 'VIRTIO_IOMMU_F_BYPASS';
const NEW: FeatureName = 'VIRTIO_IOMMU_F_BYPASS_CONFIG';

/** The truth table for an endpoint that is not attached. */
const TABLE: readonly (readonly [offered: FeatureName[], accepted: FeatureName[], byte: 0 | 1, bypassed: boolean])[] = [
  [[], [], 0, false],
  [[], [], 1, false],
  [[OLD], [], 0, false],
  [[OLD], [], 1, false],
  [[OLD], [OLD], 0, true],
  [[OLD], [OLD], 1, true],
  [[NEW], [], 0, false],
  [[NEW], [], 1, true],
  [[NEW], [NEW], 0, false],
  [[NEW], [NEW], 1, true],
  [[OLD, NEW], [OLD], 0, true],
  [[OLD, NEW], [OLD], 1, true],
  [[OLD, NEW], [NEW], 0, false],
  [[OLD, NEW], [NEW], 1, true],
];

describe('bypass', () => {
  test.each(TABLE)(
    'offered %j, accepted %j, byte %i: an unattached endpoint passes is %s',
    (offered, accepted, bypass, passes) => {
      const bench = new TestBench({ offered, accepted, config: { bypass } });
      const translation = bench.iommu.translate(1, 0x12_3456n, 100, 'write');
      expect(translation).toEqual(
        passes
          ? { outcome: 'ok', segments: [{ gpa: 0x12_3456n, length: 100 }], bypassed: true }
          : { outcome: 'fault', segments: [], reason: 'DOMAIN', faultAddress: 0x12_3456n, bypassed: false },
      );
    },
  );

  test.each(TABLE)(
    'offered %j, accepted %j, byte %i: an attached endpoint is translated',
    (offered, accepted, bypass) => {
      const bench = new TestBench({ offered, accepted, config: { bypass } });
      expect(bench.attach({ domain: 7, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_OK);
      expect(bench.byteAt(1, 0x1000n)).toBe('MAPPING');
      expect(bench.byteAt(2, 0x1000n)).not.toBe('MAPPING');
    },
  );

  test.each([0, 1] as const)('an endpoint in a bypass domain passes, whatever the byte says (%i)', (bypass) => {
    const bench = new TestBench({ config: { bypass } });
    bench.attach({ domain: 7, endpoint: 1, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS });
    expect(bench.byteAt(1, 0x1234n)).toBe(0x1234n);
    bench.detach({ domain: 7, endpoint: 1 });
    expect(bench.byteAt(1, 0x1234n)).toBe(bypass ? 0x1234n : 'DOMAIN');
  });

  test('rules before any driver has negotiated anything', () => {
    const bench = new TestBench({ config: { bypass: 1 }, accepted: [] });
    expect(bench.byteAt(1, 0x1234n)).toBe(0x1234n);
  });
});
