import { describe, expect, test } from 'vitest';
import { VIRTIO_IOMMU_S_INVAL, VIRTIO_IOMMU_S_NOENT, VIRTIO_IOMMU_S_OK } from '../wire/iommu.ts';
import { TestBench } from './test-bench.ts';

const page = { virt_start: 0x1000n, virt_end: 0x1fffn, phys_start: 0x8000n };

const benchWithMapping = (): TestBench => {
  const bench = new TestBench();
  bench.attach({ domain: 7, endpoint: 1 });
  bench.map({ domain: 7, ...page });
  return bench;
};

describe('DETACH', () => {
  test('takes the endpoint away from the mappings', () => {
    const bench = benchWithMapping();
    expect(bench.detach({ domain: 7, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.byteAt(1, 0x1000n)).toBe('DOMAIN');
  });

  test('of the last endpoint ends the domain and its mappings, and frees its ID', () => {
    const bench = benchWithMapping();
    bench.detach({ domain: 7, endpoint: 1 });
    expect(bench.map({ domain: 7, ...page })).toBe(VIRTIO_IOMMU_S_NOENT);
    bench.attach({ domain: 7, endpoint: 1 });
    expect(bench.byteAt(1, 0x1000n)).toBe('MAPPING');
  });

  test('of one of two endpoints leaves the other its mappings', () => {
    const bench = benchWithMapping();
    bench.attach({ domain: 7, endpoint: 2 });
    bench.detach({ domain: 7, endpoint: 1 });
    expect(bench.byteAt(2, 0x1000n)).toBe(0x8000n);
  });

  test('ignores its reserved bytes', () => {
    const bench = benchWithMapping();
    expect(bench.detach({ domain: 7, endpoint: 1, reserved: 0xff, head_reserved: 0xff })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('rejects an endpoint that does not exist', () => {
    expect(benchWithMapping().detach({ domain: 7, endpoint: 4 })).toBe(VIRTIO_IOMMU_S_NOENT);
  });

  test('rejects a domain that does not exist and one that the endpoint is not in; the endpoint stays attached', () => {
    const bench = benchWithMapping();
    bench.attach({ domain: 8, endpoint: 2 });
    expect(bench.detach({ domain: 9, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(bench.detach({ domain: 8, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(bench.byteAt(1, 0x1000n)).toBe(0x8000n);
  });

  test('rejects an endpoint that is not attached', () => {
    expect(benchWithMapping().detach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_INVAL);
  });
});
