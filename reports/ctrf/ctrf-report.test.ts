import { type CTRFReport, validate } from 'ctrf';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../record/model.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { ctrfReport } from './ctrf-report.ts';

/** What the format's own library makes of the report. */
function readBack(run: RunRecord): CTRFReport {
  const report = JSON.parse(ctrfReport.render(run)) as CTRFReport;
  expect(validate(report)).toMatchObject({ valid: true });
  return report;
}

describe('the CTRF report', () => {
  const { results } = readBack(syntheticRun());
  const statusOf = (id: string): string | undefined => results.tests.find(({ testId }) => testId === id)?.status;

  it('counts what it lists', () => {
    expect(results.summary).toMatchObject({ tests: 9, passed: 3, failed: 3, skipped: 2, pending: 0, other: 1 });
    expect(results.summary.stop - results.summary.start).toBe(4311);
  });

  it('fails only what gates the exit code', () => {
    expect(statusOf('map/end-above-start:equal')).toBe('failed');
    expect(statusOf('map/many-rounds')).toBe('failed');
    expect(statusOf('unmap/covers-a-mapping')).toBe('passed');
    expect(statusOf('free/unmapped-at-once')).toBe('other');
    expect(statusOf('faults/nonzero-reserved')).toBe('skipped');
  });

  it('keeps what the format has no word for', () => {
    expect(results.tests.find(({ testId }) => testId === 'robustness/unknown-status')).toMatchObject({
      duration: 2411,
      extra: {
        viommuspec: { durationMs: 2410.75, repeat: expect.stringContaining('--case robustness/unknown-status') },
      },
    });
  });
});

describe('the CTRF report of an odd run', () => {
  it.each([
    ['hostile', hostileRun(), 5],
    ['empty', runOf([]), 0],
    ['cut off', cutRun(), 6],
    ['one with a plan', runOf([fixtureCase('a/b')], { notRun: ['c/d'], exitCode: 6 }), 3],
  ] as const)('keeps to the schema: %s', (_what, run, count) => {
    expect(readBack(run).results.tests).toHaveLength(count);
  });

  it('names the shard', () => {
    const run = syntheticRun();
    const shard = { ...run, header: { ...run.header, shard: { index: 2, count: 5 } } };
    expect(readBack(shard).results.environment).toMatchObject({ shardId: '2/5' });
  });
});
