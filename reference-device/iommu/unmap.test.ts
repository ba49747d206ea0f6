import { describe, expect, test } from 'vitest';
import {
  VIRTIO_IOMMU_ATTACH_F_BYPASS,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_RANGE,
} from '../wire/iommu.ts';
import { allBut, TestBench } from './test-bench.ts';

type Range = readonly [virt_start: bigint, virt_end: bigint];

/** A granule of one byte, so that the specification's examples can be taken as they stand. */
const benchWith = (mapped: readonly Range[]): TestBench => {
  const bench = new TestBench({ config: { page_size_mask: 1n } });
  bench.attach({ domain: 7, endpoint: 1 });
  for (const [virt_start, virt_end] of mapped) bench.map({ domain: 7, virt_start, virt_end });
  return bench;
};

const mappedBytes = (bench: TestBench): number[] =>
  Array.from({ length: 24 }, (_, index) => index).filter((index) => bench.byteAt(1, BigInt(index)) !== 'MAPPING');

const bytes = (...ranges: readonly Range[]): number[] =>
  ranges.flatMap(([start, end]) => Array.from({ length: Number(end - start) + 1 }, (_, i) => Number(start) + i));

describe('UNMAP', () => {
  test.each<[number, readonly Range[], Range, number, readonly Range[]]>([
    [1, [], [0n, 4n], VIRTIO_IOMMU_S_OK, []],
    [2, [[0n, 9n]], [0n, 9n], VIRTIO_IOMMU_S_OK, []],
    [
      3,
      [
        [0n, 4n],
        [5n, 9n],
      ],
      [0n, 9n],
      VIRTIO_IOMMU_S_OK,
      [],
    ],
    [4, [[0n, 9n]], [0n, 4n], VIRTIO_IOMMU_S_RANGE, [[0n, 9n]]],
    [
      5,
      [
        [0n, 4n],
        [5n, 9n],
      ],
      [0n, 4n],
      VIRTIO_IOMMU_S_OK,
      [[5n, 9n]],
    ],
    [6, [[0n, 4n]], [0n, 9n], VIRTIO_IOMMU_S_OK, []],
    [
      7,
      [
        [0n, 4n],
        [10n, 14n],
      ],
      [0n, 14n],
      VIRTIO_IOMMU_S_OK,
      [],
    ],
  ])('does what example (%i) of the specification says', (_example, mapped, [virt_start, virt_end], status, left) => {
    const bench = benchWith(mapped);
    expect(bench.unmap({ domain: 7, virt_start, virt_end })).toBe(status);
    expect(mappedBytes(bench)).toEqual(bytes(...left));
  });

  test.each<[string, Range]>([
    ['in the middle', [6n, 7n]],
    ['at its start', [5n, 8n]],
    ['at its end', [6n, 9n]],
    ['from a hole into it', [4n, 5n]],
    ['from it into a hole', [9n, 10n]],
    ['of the first mapping only, with the second whole', [1n, 9n]],
    ['of the last mapping only, with the second whole', [5n, 12n]],
  ])('rejects a range that cuts a mapping %s, and removes nothing', (_name, [virt_start, virt_end]) => {
    const mapped: readonly Range[] = [
      [0n, 3n],
      [5n, 9n],
      [12n, 15n],
    ];
    const bench = benchWith(mapped);
    expect(bench.unmap({ domain: 7, virt_start, virt_end })).toBe(VIRTIO_IOMMU_S_RANGE);
    expect(mappedBytes(bench)).toEqual(bytes(...mapped));
  });

  test('takes a range without any mapping, and one outside input_range', () => {
    const bench = new TestBench({ config: { input_range: { start: 0x1000n, end: 0x1fffn } } });
    bench.attach({ domain: 7, endpoint: 1 });
    expect(bench.unmap({ domain: 7, virt_start: 0x1000n, virt_end: 0x1fffn })).toBe(VIRTIO_IOMMU_S_OK);
    expect(bench.unmap({ domain: 7, virt_start: 0n, virt_end: 0xffff_ffff_ffff_ffffn })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('rejects a range whose end lies below its start', () => {
    const bench = benchWith([[0n, 3n]]);
    expect(bench.unmap({ domain: 7, virt_start: 4n, virt_end: 3n })).toBe(VIRTIO_IOMMU_S_RANGE);
    expect(mappedBytes(bench)).toEqual(bytes([0n, 3n]));
  });

  test('rejects non-zero reserved bytes and removes nothing', () => {
    const bench = benchWith([[0n, 3n]]);
    expect(bench.unmap({ domain: 7, virt_start: 0n, virt_end: 3n, reserved: 0x80 })).toBe(VIRTIO_IOMMU_S_INVAL);
    expect(mappedBytes(bench)).toEqual(bytes([0n, 3n]));
  });

  test('rejects a domain that does not exist', () => {
    expect(benchWith([]).unmap({ domain: 8, virt_start: 0n, virt_end: 3n })).toBe(VIRTIO_IOMMU_S_NOENT);
  });

  test('rejects a bypass domain', () => {
    const bench = new TestBench();
    bench.attach({ domain: 7, endpoint: 1, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS });
    expect(bench.unmap({ domain: 7, virt_start: 0n, virt_end: 0xfffn })).toBe(VIRTIO_IOMMU_S_INVAL);
  });

  test('is returned unwritten without MAP_UNMAP', () => {
    const bench = new TestBench({ accepted: allBut('VIRTIO_IOMMU_F_MAP_UNMAP') });
    bench.attach({ domain: 7, endpoint: 1 });
    expect(bench.unmap({ domain: 7, virt_start: 0n, virt_end: 0xfffn })).toBeUndefined();
  });
});
