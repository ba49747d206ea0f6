import { expect, it } from 'vitest';
import { featureObjection, featureWindow, offeredWord, withFeatureWindow } from './features.ts';

const VERSION_1 = 1n << 32n;
const ACCESS_PLATFORM = 1n << 33n;

it('offers names, numbered bits and foreign bits', () => {
  expect(offeredWord(['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_PROBE'], [60], false)).toBe(VERSION_1 | 16n | (1n << 60n));
  const foreign = offeredWord([], [], true);
  expect(foreign).not.toBe(0n);
  expect(foreign & (VERSION_1 | 0x7fn)).toBe(0n);
});

it('shows a word in windows of 32 bits, and nothing behind the second', () => {
  const word = 0x1234_5678_9abc_def0n;
  expect([0, 1, 2, 0xffff_ffff].map((select) => featureWindow(word, select))).toEqual([
    0x9abc_def0n,
    0x1234_5678n,
    0n,
    0n,
  ]);
  expect(withFeatureWindow(word, 1, 7n)).toBe(0x0000_0007_9abc_def0n);
  expect(withFeatureWindow(word, 2, 7n)).toBe(word);
});

it('refuses a bit that was not offered and a bit without its prerequisite', () => {
  const offered = VERSION_1 | ACCESS_PLATFORM | 1n;
  expect(featureObjection(offered, VERSION_1 | 1n)).toBeUndefined();
  expect(featureObjection(offered, 0n)).toBeUndefined();
  expect(featureObjection(offered, VERSION_1 | 2n)).toBe('VIRTIO_IOMMU_F_DOMAIN_RANGE was not offered');
  expect(featureObjection(offered, ACCESS_PLATFORM)).toBe('VIRTIO_F_ACCESS_PLATFORM needs VIRTIO_F_VERSION_1');
});
