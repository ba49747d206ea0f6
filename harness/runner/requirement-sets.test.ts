import { describe, expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { requirement } from '../../cases/requirements/index.ts';
import { ADDED } from '../../cases/requirements/sets.ts';
import { judgedRequirements } from './catalogue-facts.ts';

const recorded = Object.values(ADDED).flat();

describe('the recorded requirements', () => {
  it('are judged by a case or a monitor each, as they were when they were recorded', () => {
    const judged = judgedRequirements(CASES, MONITORS);
    expect(recorded.filter((id) => !judged.has(id))).toEqual([]);
  });

  it('can be judged, so that none drops out of the denominator of a score', () => {
    expect(recorded.filter((id) => requirement(id)?.notTestable !== undefined)).toEqual([]);
  });

  it('were added by one revision each', () => {
    expect(new Set(recorded).size).toBe(recorded.length);
  });
});
