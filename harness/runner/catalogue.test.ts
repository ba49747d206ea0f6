import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { requirement } from '../../cases/requirements/index.ts';
import { DRIVER_FAULTS } from '../drivers/sample-driver/driver-faults.ts';
import { UNSTAGED_FAULTS } from '../drivers/sample-driver/driver-faults-unstaged.ts';

describe('the catalogue', () => {
  it('has each case in the file that its id names, and no id twice', () => {
    const ids = CASES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !existsSync(`cases/${id}.case.ts`))).toEqual([]);
    expect(MONITORS.map(({ id }) => id).filter((id) => !existsSync(`cases/monitors/${id}.monitor.ts`))).toEqual([]);
  });

  it.each([...CASES, ...MONITORS].map((judge) => [judge.id, judge] as const))(
    '%s has to catch faults that exist, for requirements that it judges',
    (_, judge) => {
      const catches = Object.entries(judge.mustCatch);
      expect(catches).not.toEqual([]);
      expect(catches.filter(([fault]) => !(fault in DRIVER_FAULTS))).toEqual([]);
      expect(catches.flatMap(([, broken]) => broken).filter((id) => !judge.requirements.includes(id))).toEqual([]);
    },
  );

  it('names no mistake that is on the list of those which nobody has to catch', () => {
    const named = new Set([...CASES, ...MONITORS].flatMap(({ mustCatch }) => Object.keys(mustCatch)));
    expect(Object.keys(UNSTAGED_FAULTS).filter((name) => named.has(name))).toEqual([]);
  });

  it('tells of each case in cases/regressions/ which driver has shipped the mistake', () => {
    const silent = CASES.filter(({ id, shippedIn }) => id.startsWith('regressions/') && shippedIn.length === 0);
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  it('judges only requirements that can be judged', () => {
    const judged = [...CASES, ...MONITORS].flatMap(({ requirements }) => requirements);
    expect(judged.filter((id) => requirement(id)?.notTestable !== undefined)).toEqual([]);
  });
});
