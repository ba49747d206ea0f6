import { describe, expect, it } from 'vitest';
import { thinProofs } from './killers.ts';

const MUST = 'iommu/driver/map/virt-end-gt-start';
const SHOULD = 'split/driver/used/ignore-beyond-len';
const IMPLIED = 'iommu/prose/queues';

describe('a requirement', () => {
  it('needs two faults if it is a MUST of the specification, whoever catches them', () => {
    const twice = { fault: 'map-end-is-length', requirement: MUST };
    expect(thinProofs([MUST], [twice, twice])).toEqual([
      { requirement: MUST, killers: ['map-end-is-length'], wantedCount: 2 },
    ]);
    expect(thinProofs([MUST], [twice, { fault: 'map-end-equals-start', requirement: MUST }])).toEqual([]);
  });

  it('needs one fault if it is a SHOULD, or implied', () => {
    expect(thinProofs([SHOULD, IMPLIED], [{ fault: 'queues-swapped', requirement: IMPLIED }])).toEqual([
      { requirement: SHOULD, killers: [], wantedCount: 1 },
    ]);
  });
});
