import { describe, expect, it } from 'vitest';
import { fixtureCase, runOf } from './fixtures/synthetic-run.ts';
import type { CaseRecord, Finding } from './record/model.ts';
import { rootCauses } from './root-causes.ts';

const finding = (
  requirement: string,
  at: number,
  { verdict = 'fail', says = `${requirement} is broken.`, ...more }: Partial<Finding> = {},
): Finding => ({
  requirement,
  keyword: verdict === 'fail' ? 'MUST' : 'SHOULD',
  verdict,
  says,
  at,
  by: 'x',
  ...more,
});
const failing = (id: string, findings: Finding[], expected?: { reason: string }): CaseRecord =>
  fixtureCase(id, { verdict: 'fail', findings, ...(expected && { expected }) });
const told = (cases: readonly CaseRecord[]): string[][] =>
  rootCauses(runOf(cases)).map(({ findings, first }) => [first.started.id, ...findings.map((it) => it.requirement)]);

describe('root causes', () => {
  it('are what nobody expected, then what was expected, then what is advised', () => {
    const cases = [
      failing('a/1', [finding('r/should', 3, { verdict: 'warn' })]),
      failing('a/2', [finding('r/known', 3)], { reason: 'known' }),
      failing('a/3', [finding('r/new', 3)]),
    ];
    expect(told(cases)).toEqual([
      ['a/3', 'r/new'],
      ['a/2', 'r/known'],
      ['a/1', 'r/should'],
    ]);
  });

  it('are one where one event breaks several requirements in the same way', () => {
    const says = 'Both are broken.';
    const cases = [
      failing('a/1', [finding('r/1', 3, { says }), finding('r/2', 3, { says }), finding('r/3', 3), finding('r/4', 4)]),
      failing('a/2', [finding('r/2', 9)]),
    ];
    expect(told(cases)).toEqual([
      ['a/1', 'r/1', 'r/2'],
      ['a/1', 'r/3'],
      ['a/1', 'r/4'],
    ]);
    expect(rootCauses(runOf(cases))[0]?.others.map(({ started }) => started.id)).toEqual(['a/2']);
  });

  it('have what the specification demands before what platforms do', () => {
    const broken = ['platform/free/unmapped-when-freed', 'iommu/driver/map/end-above-start'];
    const cases = [
      failing(
        'a/1',
        broken.map((id, at) => finding(id, at)),
      ),
    ];
    expect(rootCauses(runOf(cases)).map(({ obligation }) => obligation)).toEqual(['must', 'rule']);
  });

  it('are shown by a variant of a case that is about them, and say where else', () => {
    const about = failing('b/own', [finding('r/1', 7, { subject: 'free' })]);
    const cases = [
      failing('a/1', [finding('r/1', 3, { subject: 'unmap' })]),
      failing('a/2', [finding('r/1', 3, { subject: 'unmap' })]),
      { ...about, started: { ...about.started, requirements: ['r/1'] } },
    ];
    const [cause] = rootCauses(runOf(cases));
    expect(cause?.first.started.id).toBe('b/own');
    expect(cause?.findings[0].at).toBe(7);
    expect(cause?.subjects).toEqual([
      { subject: 'unmap', count: 2 },
      { subject: 'free', count: 1 },
    ]);
  });
});
