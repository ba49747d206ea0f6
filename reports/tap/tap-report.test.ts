import { Parser, type Result } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../record/model.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { tapReport } from './tap-report.ts';

interface ReadBack {
  readonly points: readonly Result[];
  readonly ok: boolean;
  readonly plan: number;
  readonly bailout: boolean | string;
  readonly extra: readonly string[];
  readonly subtests: number;
}

/** What a strict reader makes of the report. */
function readBack(run: RunRecord): ReadBack {
  const points: Result[] = [];
  const extra: string[] = [];
  let subtests = 0;
  const parser = new Parser({ strict: true });
  parser.on('assert', (point: Result) => points.push(point));
  parser.on('extra', (text: string) => extra.push(text));
  parser.on('child', () => subtests++);
  parser.end(tapReport.render(run));
  const { results } = parser;
  return { points, ok: parser.ok, plan: results?.plan.end ?? -1, bailout: results?.bailout ?? false, extra, subtests };
}

describe('the TAP report', () => {
  const { points, plan, ok, extra } = readBack(syntheticRun());
  const named = (id: string): Result | undefined => points.find(({ name }) => name.startsWith(id));

  it('begins with the version and the plan', () => {
    expect(tapReport.render(syntheticRun())).toMatch(/^TAP version 14\n1\.\.9\n/);
    expect({ plan, ok, extra, count: points.length }).toEqual({ plan: 9, ok: false, extra: [], count: 9 });
  });

  it('shows a failure with message, requirement, place and the command that repeats it', () => {
    expect(named('map/end-above-start:equal')).toMatchObject({
      ok: false,
      diag: {
        message: 'MAP carried virt_start 0x1000 and virt_end 0x1000; virt_end has to lie above virt_start.',
        severity: 'fail',
        requirement: 'iommu/driver/map/end-above-start',
        keyword: 'MUST',
        section: '5.13.6.5.1',
        repeat: 'viommuspec run --driver linux --seed 42 --case map/end-above-start:equal',
        also: ['iommu/driver/ops/head-reserved-zero: Byte 1 of the head of UNMAP was 0xa5; it should be 0.'],
      },
    });
  });

  it('shows an expected failure as TODO, and what was not played as SKIP', () => {
    expect(named('free/unmapped-at-once')).toMatchObject({
      ok: false,
      todo: expect.stringContaining('lazy unmapping'),
    });
    expect(named('faults/nonzero-reserved')).toMatchObject({ ok: true, skip: expect.stringContaining('untested: ') });
    expect(named('probe/buffer-size')).toMatchObject({ ok: true, skip: expect.stringContaining('not applicable: ') });
  });

  it('lets a warning pass, with its diagnostic, and not an error of the harness', () => {
    expect(named('unmap/covers-a-mapping')).toMatchObject({ ok: true, diag: { severity: 'warn' } });
    expect(named('map/many-rounds')).toMatchObject({ ok: false, diag: { severity: 'error' } });
  });

  it('passes as a whole if nothing gates the exit code', () => {
    const run = syntheticRun();
    const bad = new Set(['fail', 'error']);
    const cases = run.cases.filter(({ judgement }) => judgement && (judgement.expected || !bad.has(judgement.verdict)));
    expect(readBack(runOf(cases, { exitCode: 0 })).ok).toBe(true);
  });

  it('is red where only the run as a whole is', () => {
    const run = runOf([fixtureCase('a/b')], {
      exitCode: 1,
      surprises: ['The expectation x (line 1) matches no case.'],
    });
    expect(readBack(run)).toMatchObject({ ok: false, plan: 2, points: [{ ok: true }, { ok: false }] });
  });
});

describe('the TAP report of an odd run', () => {
  it('bails out of an incomplete run', () => {
    const { ok, bailout } = readBack(cutRun());
    expect({ ok, bailout }).toEqual({ ok: false, bailout: expect.stringContaining('INCOMPLETE') });
  });

  it('has a failing point for every planned case that never started', () => {
    const { points, ok } = readBack(runOf([fixtureCase('a/b')], { notRun: ['c/d', 'e/f'], exitCode: 6 }));
    expect(ok).toBe(false);
    expect(points.map((point) => point.ok)).toEqual([true, false, false]);
  });

  it('is valid without any case', () => {
    expect(readBack(runOf([])).points.filter((point) => !point.ok)).toEqual([]);
  });

  it('is read back whole from a hostile run', () => {
    const { points, extra, subtests, plan } = readBack(hostileRun());
    expect({ count: points.length, extra, subtests, plan }).toEqual({ count: 5, extra: [], subtests: 0, plan: 5 });
    expect(points.filter(({ todo, skip }) => todo || skip)).toHaveLength(2);
    expect(tapReport.render(hostileRun())).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});
