import { expect, it } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

const FAULTS = ['driver-ok-never', 'never-detaches', 'unmap-never-sent', 'unmap-sent-late', 'unmap-twice'];
const CASES = ['dma/after-unmap', 'dma/after-unmap:one-page', 'map/end-after-start', 'free/after-each-io'];

it.each([
  ['unmap-never-snt', FAULTS, ['unmap-never-sent']],
  ['unmap-never-send', FAULTS, ['unmap-never-sent']],
  ['nuamp-twice', FAULTS, ['unmap-twice']],
  ['detaches', FAULTS, ['never-detaches']],
  ['after-unmap', CASES, ['dma/after-unmap']],
  ['dma/after-umnap', CASES, ['dma/after-unmap']],
  ['frobnicate', CASES, []],
  ['', CASES, []],
  ['rnu', ['run', 'report'], ['run']],
  ['x', ['run', 'report'], []],
  ['trixy', ['trixie', 'trixie:arm64'], ['trixie']],
])('finds for %s what comes near it', (word, known, names) => {
  expect(nearest(word, known)).toEqual(names);
});

it('asks in one sentence, or not at all', () => {
  expect(didYouMean('unmap-twic', FAULTS)).toBe('Did you mean unmap-twice?');
  expect(didYouMean('map/x', ['map/a', 'map/b', 'map/c', 'map/d'])).toBe('Did you mean map/a, map/b or map/c?');
  expect(didYouMean('frobnicate', FAULTS)).toBeUndefined();
  expect(didYouMean('iommu/driver/mp/*', ['iommu/driver/map/a', 'pci/driver/b'])).toBe(
    'Did you mean iommu/driver/map/*?',
  );
});
