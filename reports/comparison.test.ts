import { describe, expect, it } from 'vitest';
import type { CaseRecord, Finding, RunRecord } from './record/model.ts';
import { compareRuns } from './comparison.ts';
import { type CaseSketch, cutRun, fixtureCase, runOf, syntheticRun } from './fixtures/synthetic-run.ts';

const MUST = 'iommu/driver/map/end-above-start';
const OTHER_MUST = 'iommu/driver/map/zero-undefined-flags';
const SHOULD = 'iommu/driver/unmap/cover-mapping';

const finding = (requirement: string): Finding => ({
  requirement,
  keyword: requirement === SHOULD ? 'SHOULD' : 'MUST',
  verdict: requirement === SHOULD ? 'warn' : 'fail',
  says: `${requirement} was broken.`,
  by: 'a/case',
});

const STATES: Readonly<Record<string, CaseSketch>> = {
  passes: { verdict: 'pass' },
  warns: { verdict: 'warn', findings: [finding(SHOULD)] },
  fails: { verdict: 'fail', findings: [finding(MUST)] },
  'fails as expected': { verdict: 'fail', findings: [finding(MUST)], expected: { reason: 'known' } },
  'fails and warns': { verdict: 'fail', findings: [finding(MUST), finding(SHOULD)] },
  'fails otherwise': { verdict: 'fail', findings: [finding(OTHER_MUST)] },
  'is untested': { verdict: 'untested' },
  'is an error': { verdict: 'error' },
  'does not apply': { verdict: 'not-applicable' },
};

function runWith(state: string): RunRecord {
  if (state === 'is absent') return runOf([]);
  return runOf([fixtureCase('a/case', { judged: [], ...STATES[state] })]);
}

const tally = (held: boolean): RunRecord =>
  runOf([fixtureCase('a/case', { judged: [{ requirement: MUST, times: 1, held }] })]);

const changeOfMust = (before: RunRecord, after: RunRecord): string | undefined =>
  compareRuns(before, after).requirements.find(({ row }) => row.id === MUST)?.change;

const failing = (id: string): CaseRecord => fixtureCase(id, { verdict: 'fail', findings: [finding(MUST)] });

const changeFrom = (before: string, after: string): string =>
  compareRuns(runWith(before), runWith(after)).cases.map(({ change }) => change)[0] ?? 'the same';

describe('a case that', () => {
  it.each([
    ['passes', 'passes', 'the same'],
    ['passes', 'fails', 'new-failure'],
    ['passes', 'fails as expected', 'new-failure'],
    ['passes', 'warns', 'new-warning'],
    ['passes', 'is untested', 'no-longer-exercised'],
    ['passes', 'is an error', 'no-longer-exercised'],
    ['passes', 'is absent', 'no-longer-exercised'],
    ['fails', 'passes', 'fixed'],
    ['fails', 'fails', 'the same'],
    ['fails', 'fails as expected', 'the same'],
    ['fails', 'fails otherwise', 'new-failure'],
    ['fails', 'fails and warns', 'new-warning'],
    ['fails and warns', 'fails', 'fixed'],
    ['fails and warns', 'warns', 'fixed'],
    ['fails', 'warns', 'new-warning'],
    ['fails', 'is untested', 'no-longer-exercised'],
    ['warns', 'passes', 'fixed'],
    ['is untested', 'passes', 'newly-exercised'],
    ['is untested', 'fails', 'new-failure'],
    ['is untested', 'does not apply', 'otherwise'],
    ['is untested', 'is untested', 'the same'],
    ['is absent', 'passes', 'newly-exercised'],
    ['is absent', 'fails', 'new-failure'],
    ['is absent', 'is untested', 'otherwise'],
  ] as const)('%s and then %s: %s', (before, after, change) => {
    expect(changeFrom(before, after)).toBe(change);
  });
});

describe('a comparison', () => {
  it('names what is broken now, what is mended, and the sentence of what is new', () => {
    const { cases } = compareRuns(runWith('fails'), runWith('fails otherwise'));
    expect(cases).toMatchObject([
      { id: 'a/case', before: 'fail', after: 'fail', broken: [OTHER_MUST], mended: [MUST] },
    ]);
    expect(cases[0]?.says).toBe(`${OTHER_MUST} was broken.`);
  });

  it('of a run with itself shows nothing', () => {
    const run = syntheticRun();
    expect(compareRuns(run, run)).toMatchObject({ differences: [], cases: [], requirements: [], gaps: [] });
    expect(compareRuns(run, run).sameCount).toBe(run.cases.length);
  });

  it('puts the urgent first', () => {
    const before = runOf([failing('a/fixed'), fixtureCase('a/broken')]);
    const after = runOf([fixtureCase('a/fixed'), failing('a/broken')]);
    expect(compareRuns(before, after).cases.map(({ id }) => id)).toEqual(['a/broken', 'a/fixed']);
  });

  it('tells what happened to each requirement', () => {
    const nothing = runOf([fixtureCase('a/case', { judged: [] })]);
    expect(changeOfMust(tally(true), tally(false))).toBe('new-failure');
    expect(changeOfMust(tally(false), tally(true))).toBe('fixed');
    expect(changeOfMust(nothing, tally(true))).toBe('newly-exercised');
    expect(changeOfMust(tally(true), nothing)).toBe('no-longer-exercised');
    expect(changeOfMust(tally(true), tally(true))).toBeUndefined();
  });

  it('keeps requirements in the order of the second run, then what only the first has', () => {
    const run = syntheticRun();
    const [first, ...rest] = run.header.requirements;
    const shorter = { ...run, header: { ...run.header, requirements: rest } };
    const { requirements } = compareRuns(run, shorter);
    expect(requirements.map(({ row, after }) => [row.id, after])).toEqual([[first?.id, 'absent']]);
  });

  it('says in what the runs themselves differ', () => {
    const run = syntheticRun();
    const other = { ...run, header: { ...run.header, profile: 'qemu', seed: 7 } };
    expect(compareRuns(run, other).differences).toEqual([
      { name: 'requirement set', before: 'virtio 1.4', after: 'virtio 1.4, device profile qemu' },
      { name: 'seed', before: '42', after: '7' },
    ]);
  });

  it('says which run did not come to its end', () => {
    expect(compareRuns(syntheticRun(), cutRun()).gaps).toEqual([
      expect.stringMatching(/^The second run is INCOMPLETE\. /),
    ]);
  });
});
