import { describe, expect, test } from 'vitest';
import {
  VIRTIO_IOMMU_ATTACH_F_BYPASS,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_RANGE,
  VIRTIO_IOMMU_S_UNSUPP,
} from '../wire/iommu.ts';
import { allBut, TestBench } from './test-bench.ts';

const page = { virt_start: 0x1000n, virt_end: 0x1fffn, phys_start: 0x8000n };

describe('ATTACH', () => {
  test('makes a domain, in which MAP then works', () => {
    const bench = new TestBench();
    expect(bench.map({ domain: 7, ...page })).toBe(VIRTIO_IOMMU_S_NOENT);
    expect(bench.attach({ domain: 7, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.map({ domain: 7, ...page })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.byteAt(1, 0x1234n)).toBe(0x8234n);
  });

  test('ignores the reserved bytes of the head', () => {
    expect(new TestBench().attach({ domain: 7, endpoint: 1, head_reserved: 0xff })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('rejects non-zero reserved bytes and leaves no domain behind', () => {
    const bench = new TestBench();
    expect(bench.attach({ domain: 7, endpoint: 1, reserved: 1 })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(bench.byteAt(1, 0x1000n)).toBe('DOMAIN');
    expect(bench.map({ domain: 7, ...page })).toBe(VIRTIO_IOMMU_S_NOENT);
  });

  test.each([1, 2, 31])('rejects flag bit %i, which nobody defines', (bit) => {
    expect(new TestBench().attach({ domain: 7, endpoint: 1, flags: 2 ** bit })).toBe(VIRTIO_IOMMU_S_INVAL);
  });

  test('knows the BYPASS flag only if BYPASS_CONFIG was negotiated', () => {
    const flagged = { domain: 7, endpoint: 1, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS };
    expect(new TestBench().attach(flagged)).toBe(VIRTIO_IOMMU_S_OK);
    const without = allBut('VIRTIO_IOMMU_F_BYPASS_CONFIG');
    expect(new TestBench({ accepted: without }).attach(flagged)).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(new TestBench({ offered: without }).attach(flagged)).toBe(VIRTIO_IOMMU_S_INVAL);
  });

  test('rejects an endpoint that does not exist', () => {
    expect(new TestBench().attach({ domain: 7, endpoint: 4 })).toBe(VIRTIO_IOMMU_S_NOENT);
  });

  test('takes the first and the last domain of domain_range, and neither neighbour', () => {
    const config = { domain_range: { start: 5, end: 6 } };
    const statuses = [4, 5, 6, 7].map((domain) => new TestBench({ config }).attach({ domain, endpoint: 1 }));
    expect(statuses).toEqual([VIRTIO_IOMMU_S_RANGE, VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_RANGE]);
  });

  test('takes every domain if DOMAIN_RANGE is not offered', () => {
    const bench = new TestBench({
      offered: allBut('VIRTIO_IOMMU_F_DOMAIN_RANGE'),
      config: { domain_range: { start: 5, end: 6 } },
    });
    expect(bench.attach({ domain: 0xffff_ffff, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('lets endpoints share a domain and its mappings, also those made before', () => {
    const bench = new TestBench();
    bench.attach({ domain: 7, endpoint: 1 });
    bench.map({ domain: 7, ...page });
    expect(bench.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.byteAt(2, 0x1fffn)).toBe(0x8fffn);
  });

  test('rejects a BYPASS flag that disagrees with the domain, either way', () => {
    const bench = new TestBench();
    bench.attach({ domain: 7, endpoint: 1 });
    bench.attach({ domain: 8, endpoint: 2, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS });
    expect(bench.attach({ domain: 7, endpoint: 3, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(bench.attach({ domain: 8, endpoint: 3 })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(bench.byteAt(3, 0n)).toBe('DOMAIN');
  });

  test('moves an endpoint as DETACH and ATTACH would, so that a domain left empty ends', () => {
    const bench = new TestBench();
    bench.attach({ domain: 7, endpoint: 1 });
    bench.map({ domain: 7, ...page });
    expect(bench.attach({ domain: 8, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.byteAt(1, 0x1000n)).toBe('MAPPING');
    expect(bench.unmap({ domain: 7, ...page })).toBe(VIRTIO_IOMMU_S_NOENT);
    bench.attach({ domain: 7, endpoint: 2 });
    expect(bench.byteAt(2, 0x1000n)).toBe('MAPPING');
  });

  test('keeps the mappings of a domain that another endpoint is still in', () => {
    const bench = new TestBench();
    bench.attach({ domain: 7, endpoint: 1 });
    bench.attach({ domain: 7, endpoint: 2 });
    bench.map({ domain: 7, ...page });
    bench.attach({ domain: 8, endpoint: 1 });
    expect(bench.byteAt(1, 0x1000n)).toBe('MAPPING');
    expect(bench.byteAt(2, 0x1000n)).toBe(0x8000n);
  });

  test('leaves the endpoint in its old domain if the move is rejected', () => {
    const bench = new TestBench();
    bench.attach({ domain: 7, endpoint: 1 });
    bench.map({ domain: 7, ...page });
    bench.attach({ domain: 8, endpoint: 2, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS });
    expect(bench.attach({ domain: 8, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(bench.byteAt(1, 0x1000n)).toBe(0x8000n);
  });

  test('loses no mapping when an endpoint is attached to its own domain once more', () => {
    const bench = new TestBench();
    bench.attach({ domain: 7, endpoint: 1 });
    bench.map({ domain: 7, ...page });
    expect(bench.attach({ domain: 7, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.byteAt(1, 0x1000n)).toBe(0x8000n);
    expect(bench.attach({ domain: 7, endpoint: 1, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS })).toBe(VIRTIO_IOMMU_S_INVAL);
  });

  test('rejects an endpoint whose reserved region the domain has mapped, to the byte', () => {
    const bench = new TestBench({
      endpoints: [
        { id: 1, resvMem: [] },
        { id: 2, resvMem: [{ subtype: 0, start: 0x1fffn, end: 0x2fffn }] },
        { id: 3, resvMem: [{ subtype: 0, start: 0x2000n, end: 0x2fffn }] },
      ],
    });
    bench.attach({ domain: 7, endpoint: 1 });
    bench.map({ domain: 7, ...page });
    expect(bench.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_UNSUPP);
    expect(bench.byteAt(2, 0x1000n)).toBe('DOMAIN');
    expect(bench.attach({ domain: 7, endpoint: 3 })).toBe(VIRTIO_IOMMU_S_OK);
  });
});
