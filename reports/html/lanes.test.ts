import { expect, it } from 'vitest';
import { LANES_MAX, lanesOf } from './lanes.ts';

const message = (from: string, to?: string) => ({ from, ...(to !== undefined && { to }), what: '' });

it('has the driver beside the harness, then devices as they appear, then memory', () => {
  const lanes = lanesOf([message('dma', 'memory'), message('driver', 'iommu')]);
  expect(lanes.names).toEqual(['harness', 'driver', 'dma', 'iommu', 'memory']);
  expect(lanes.of(message('driver', 'iommu'))).toEqual({ from: 1, to: 3 });
  expect(lanes.of(message('harness'))).toEqual({ from: 0, to: 0 });
});

it('lets those share a lane for whom there is no room', () => {
  const lanes = lanesOf([...Array.from({ length: 9 }, (_, index) => message(`d${index}`)), message('d0', 'memory')]);
  expect(lanes.names).toHaveLength(LANES_MAX);
  expect(lanes.names.slice(-2)).toEqual(['others', 'memory']);
  expect(lanes.of(message('d8', 'memory'))).toEqual({ from: LANES_MAX - 2, to: LANES_MAX - 1 });
});
