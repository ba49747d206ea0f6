import { describe, expect, test } from 'vitest';
import {
  VIRTIO_IOMMU_ATTACH_F_BYPASS,
  VIRTIO_IOMMU_MAP_F_MMIO,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_RANGE,
} from '../wire/iommu.ts';
import { allBut, TestBench } from './test-bench.ts';

type Options = ConstructorParameters<typeof TestBench>[0];

const LAST = 0xffff_ffff_ffff_ffffn;

/** Endpoint 1 in domain 7. */
const attached = (options: Options = {}): TestBench => {
  const bench = new TestBench(options);
  bench.attach({ domain: 7, endpoint: 1 });
  return bench;
};

const statusOf = (virt_start: bigint, virt_end: bigint, phys_start = 0n, options: Options = {}): number | undefined =>
  attached(options).map({ domain: 7, virt_start, virt_end, phys_start });

describe('MAP', () => {
  test('maps both ends of the range and nothing beside it', () => {
    const bench = attached();
    expect(bench.map({ domain: 7, virt_start: 0x2000n, virt_end: 0x3fffn, phys_start: 0x9000n })).toBe(
      VIRTIO_IOMMU_S_OK,
    );
    const bytes = [0x1fffn, 0x2000n, 0x3fffn, 0x4000n].map((address) => bench.byteAt(1, address));
    expect(bytes).toEqual(['MAPPING', 0x9000n, 0xafffn, 'MAPPING']);
  });

  test.each([
    ['virt_start', 0x1001n, 0x1fffn, 0n],
    ['virt_start by one byte less', 0xfffn, 0x1fffn, 0n],
    ['virt_end', 0x1000n, 0x2000n, 0n],
    ['virt_end one byte before the boundary', 0x1000n, 0x1ffen, 0n],
    ['phys_start', 0x1000n, 0x1fffn, 0x800n],
  ])('rejects a misaligned %s', (_name, virt_start, virt_end, phys_start) => {
    expect(statusOf(virt_start, virt_end, phys_start)).toBe(VIRTIO_IOMMU_S_RANGE);
  });

  test('goes by the lowest bit of page_size_mask alone', () => {
    const config = { page_size_mask: 0x8000_0000_0020_1000n };
    expect(statusOf(0x1000n, 0x1fffn, 0x3000n, { config })).toBe(VIRTIO_IOMMU_S_OK);
    const coarse = { page_size_mask: 0x20_0000n };
    expect(statusOf(0x1000n, 0x1fffn, 0x3000n, { config: coarse })).toBe(VIRTIO_IOMMU_S_RANGE);
    expect(statusOf(0x20_0000n, 0x3f_ffffn, 0n, { config: coarse })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('fits nothing if page_size_mask is 0', () => {
    expect(statusOf(0x1000n, 0x1fffn, 0n, { config: { page_size_mask: 0n } })).toBe(VIRTIO_IOMMU_S_RANGE);
  });

  test('rejects a MAP whose virt_end lies below virt_start', () => {
    expect(statusOf(0x2000n, 0xfffn)).toBe(VIRTIO_IOMMU_S_RANGE);
    expect(statusOf(0x2000n, 0x1fffn)).toBe(VIRTIO_IOMMU_S_RANGE);
  });

  test('rejects a MAP whose virt_end equals virt_start, unless the granule is one byte', () => {
    expect(statusOf(0x1000n, 0x1000n)).toBe(VIRTIO_IOMMU_S_RANGE);
    expect(statusOf(0x1000n, 0x1000n, 0n, { config: { page_size_mask: 1n } })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('maps up to the last address, and the whole space', () => {
    expect(statusOf(LAST - 0xfffn, LAST)).toBe(VIRTIO_IOMMU_S_OK);
    expect(statusOf(0n, LAST)).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('rejects physical addresses that run past 2^64, and takes the last that do not', () => {
    expect(statusOf(0x1000n, 0x2fffn, LAST - 0xfffn)).toBe(VIRTIO_IOMMU_S_RANGE);
    expect(statusOf(0x1000n, 0x1fffn, LAST - 0xfffn)).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('takes both ends of input_range, and neither neighbour', () => {
    const config = { input_range: { start: 0x2000n, end: 0x5fffn } };
    expect(statusOf(0x2000n, 0x5fffn, 0n, { config })).toBe(VIRTIO_IOMMU_S_OK);
    expect(statusOf(0x1000n, 0x2fffn, 0n, { config })).toBe(VIRTIO_IOMMU_S_RANGE);
    expect(statusOf(0x5000n, 0x6fffn, 0n, { config })).toBe(VIRTIO_IOMMU_S_RANGE);
  });

  test('takes every address if INPUT_RANGE is not offered', () => {
    const config = { input_range: { start: 0x2000n, end: 0x5fffn } };
    const offered = allBut('VIRTIO_IOMMU_F_INPUT_RANGE');
    expect(statusOf(0x1000n, 0x6fffn, 0n, { config, offered })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test.each([
    ['the same range', 0x4000n, 0x5fffn],
    ['a range inside', 0x4000n, 0x4fffn],
    ['a range around', 0x3000n, 0x6fffn],
    ['the first page from below', 0x3000n, 0x4fffn],
    ['the last page from above', 0x5000n, 0x6fffn],
  ])('rejects %s of an existing mapping, which stays', (_name, virt_start, virt_end) => {
    const bench = attached();
    bench.map({ domain: 7, virt_start: 0x4000n, virt_end: 0x5fffn, phys_start: 0x9000n });
    expect(bench.map({ domain: 7, virt_start, virt_end })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(bench.byteAt(1, 0x4000n)).toBe(0x9000n);
    expect(bench.byteAt(1, 0x3fffn)).toBe('MAPPING');
    expect(bench.byteAt(1, 0x6000n)).toBe('MAPPING');
  });

  test('takes ranges that adjoin an existing mapping, and the same range in another domain', () => {
    const bench = attached();
    bench.attach({ domain: 8, endpoint: 2 });
    bench.map({ domain: 7, virt_start: 0x4000n, virt_end: 0x5fffn });
    expect(bench.map({ domain: 7, virt_start: 0x3000n, virt_end: 0x3fffn })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.map({ domain: 7, virt_start: 0x6000n, virt_end: 0x6fffn })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.map({ domain: 8, virt_start: 0x4000n, virt_end: 0x5fffn })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test.each([3, 8, 31])('rejects flag bit %i, which nobody defines', (bit) => {
    const flags = 2 ** bit;
    expect(attached().map({ domain: 7, virt_start: 0x1000n, virt_end: 0x1fffn, flags })).toBe(VIRTIO_IOMMU_S_INVAL);
  });

  test('knows the MMIO flag only if MMIO was negotiated', () => {
    const request = { domain: 7, virt_start: 0x1000n, virt_end: 0x1fffn, flags: VIRTIO_IOMMU_MAP_F_MMIO };
    expect(attached().map(request)).toBe(VIRTIO_IOMMU_S_OK);
    expect(attached({ accepted: allBut('VIRTIO_IOMMU_F_MMIO') }).map(request)).toBe(VIRTIO_IOMMU_S_INVAL);
  });

  test('rejects a domain that does not exist, also one outside domain_range', () => {
    const config = { domain_range: { start: 7, end: 8 } };
    expect(attached({ config }).map({ domain: 8, virt_start: 0n, virt_end: 0xfffn })).toBe(VIRTIO_IOMMU_S_NOENT);
    expect(attached({ config }).map({ domain: 9, virt_start: 0n, virt_end: 0xfffn })).toBe(VIRTIO_IOMMU_S_NOENT);
  });

  test('rejects a bypass domain', () => {
    const bench = new TestBench();
    bench.attach({ domain: 7, endpoint: 1, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS });
    expect(bench.map({ domain: 7, virt_start: 0n, virt_end: 0xfffn })).toBe(VIRTIO_IOMMU_S_INVAL);
  });

  test.each([0, 1, 77])('rejects a range over a reserved region of subtype %i, to the byte', (subtype) => {
    const endpoints = [{ id: 1, resvMem: [{ subtype, start: 0x4fffn, end: 0x5000n }] }];
    expect(statusOf(0x4000n, 0x4fffn, 0n, { endpoints })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(statusOf(0x5000n, 0x5fffn, 0n, { endpoints })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(statusOf(0x3000n, 0x6fffn, 0n, { endpoints })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(statusOf(0x3000n, 0x3fffn, 0n, { endpoints })).toBe(VIRTIO_IOMMU_S_OK);
    expect(statusOf(0x6000n, 0x6fffn, 0n, { endpoints })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('knows of no reserved region where PROBE is not offered, and nobody could know of one', () => {
    const endpoints = [{ id: 1, resvMem: [{ subtype: 1, start: 0x4000n, end: 0x4fffn }] }];
    const offered = allBut('VIRTIO_IOMMU_F_PROBE');
    expect(statusOf(0x4000n, 0x4fffn, 0n, { endpoints, offered })).toBe(VIRTIO_IOMMU_S_OK);
    expect(statusOf(0x4000n, 0x4fffn, 0n, { endpoints })).toBe(VIRTIO_IOMMU_S_INVAL);
  });

  test('respects the regions of every endpoint in the domain, and of no other', () => {
    const bench = new TestBench({
      endpoints: [
        { id: 1, resvMem: [] },
        { id: 2, resvMem: [{ subtype: 0, start: 0x4000n, end: 0x4fffn }] },
      ],
    });
    bench.attach({ domain: 7, endpoint: 1 });
    bench.attach({ domain: 7, endpoint: 2 });
    expect(bench.map({ domain: 7, virt_start: 0x4000n, virt_end: 0x4fffn })).toBe(VIRTIO_IOMMU_S_INVAL);
    bench.detach({ domain: 7, endpoint: 2 });
    expect(bench.map({ domain: 7, virt_start: 0x4000n, virt_end: 0x4fffn })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('is returned unwritten without MAP_UNMAP', () => {
    const accepted = allBut('VIRTIO_IOMMU_F_MAP_UNMAP');
    expect(statusOf(0x1000n, 0x1fffn, 0n, { accepted })).toBeUndefined();
  });
});
