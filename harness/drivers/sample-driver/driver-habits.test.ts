import { expect, it } from 'vitest';
import { DRIVER_FAULTS } from './driver-faults.ts';
import { DRIVER_HABITS } from './driver-habits.ts';

it('no habit is a fault', () => {
  expect(Object.keys(DRIVER_HABITS).filter((name) => name in DRIVER_FAULTS)).toEqual([]);
});
