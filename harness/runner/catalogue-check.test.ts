import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../cases/api/define-case.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { DRIVER_FAULTS } from '../drivers/sample-driver/driver-faults.ts';
import { type CatalogueFacts, checkCatalogue, isCaseId } from './catalogue-check.ts';

const OWN: CatalogueFacts = {
  cases: CASES,
  monitors: MONITORS,
  driverFaults: new Set(Object.keys(DRIVER_FAULTS)),
  fileOf: (id) => `cases/${id}.case.ts`,
  hasFile: (id) => existsSync(`cases/${id}.case.ts`),
};

const SOUND = CASES.find(({ id }) => id === 'map/end-after-start')!;

function complaint(facts: Partial<CatalogueFacts>): string {
  try {
    checkCatalogue({ ...OWN, cases: [], monitors: [], ...facts });
  } catch (error) {
    if (error instanceof HarnessError && error.exitCode === EXIT.usage) return error.message;
    throw error;
  }
  return '';
}

/** What is said of the sound case after `change`; other data than the types allow is what this is about. */
const complaintOf = (change: { readonly [K in keyof Case]?: unknown }): string =>
  complaint({ cases: [{ ...SOUND, ...change } as Case] });

describe('the check of the catalogue', () => {
  it('has nothing to say of our own', () => {
    expect(() => checkCatalogue(OWN)).not.toThrow();
  });

  it.each<[says: string, change: { readonly [K in keyof Case]?: unknown }]>([
    ["cases/Map/End.case.ts, id: 'Map/End' is not a folder and a name in lower-case words", { id: 'Map/End' }],
    ["cases/map/other.case.ts, id: a case has the id 'map/other', and there is no such file", { id: 'map/other' }],
    ["cases/map/end-after-start.case.ts, title: 'Mapping' is no sentence", { title: 'Mapping' }],
    ["title: 'A driver maps it.' ends in a full stop", { title: 'A driver maps it.' }],
    ["demands: '' is not made of whole sentences", { demands: '' }],
    ['requirements: it names none', { requirements: [] }],
    ["requirements: 'no/such' stands in no table of requirements", { requirements: ['no/such'] }],
    ['cannot be judged from outside', { requirements: ['pci/driver/caps/map-only-needed'] }],
    ['mustCatch: it names no fault', { mustCatch: {} }],
    ["mustCatch: the sample driver has no fault 'nonsense'", { mustCatch: { nonsense: SOUND.requirements } }],
    ["mustCatch: 'no/such' is not among its requirements", { mustCatch: { 'map-twice': ['no/such'] } }],
    ['vary: it has no row', { variants: [] }],
    ["vary: 'one page' is not made of words", { variants: [{ ...SOUND.variants[0], name: 'one page' }] }],
    ["control: 'no-such' is neither a row of vary nor none", { control: 'no-such' }],
  ])('says %s', (says, change) => {
    expect(complaintOf(change)).toContain(says);
  });

  it('names the id that two files have', () => {
    expect(complaint({ cases: [SOUND, SOUND] })).toContain("two case files have the id 'map/end-after-start'");
  });

  it('names file and field of a monitor', () => {
    expect(complaint({ monitors: [{ ...MONITORS[0]!, id: 'queue-setup', mustCatch: {} }] })).toBe(
      'cases/monitors/queue-setup.monitor.ts, mustCatch: it names no fault; ' +
        'a check that was never seen to fail does not count.',
    );
  });

  it('shows ten complaints at most', () => {
    const lines = complaint({ cases: Array.from({ length: 30 }, () => ({ ...SOUND, title: '' })) }).split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[10]).toMatch(/and \d+ more/);
  });
});

describe('the id of a case', () => {
  it.each([
    ['map/end-after-start', true],
    ['map', false],
    ['map/a/b', false],
    ['map/-a', false],
    ['map/A', false],
    ['../map/a', false],
    ['monitors/a', false],
  ])('can be %s: %s', (id, can) => {
    expect(isCaseId(id)).toBe(can);
  });
});
