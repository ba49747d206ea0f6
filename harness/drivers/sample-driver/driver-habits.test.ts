import { describe, expect, it } from 'vitest';
import { DRIVER_FAULTS } from './driver-faults.ts';
import { DRIVER_CHARACTERS, DRIVER_HABITS } from './driver-habits.ts';

describe('a habit', () => {
  it('is one of some character’s, so that the self-test plays it', () => {
    const played = new Set<string>(Object.values(DRIVER_CHARACTERS).flatMap(({ habits }) => habits));
    expect(Object.keys(DRIVER_HABITS).filter((name) => !played.has(name))).toEqual([]);
  });

  it('is no fault', () => {
    expect(Object.keys(DRIVER_HABITS).filter((name) => name in DRIVER_FAULTS)).toEqual([]);
  });
});
