import { describe, expect, it } from 'vitest';
import type { RunRecord } from './record/model.ts';
import { hostileRun } from './fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from './fixtures/synthetic-run.ts';
import { FORMATS } from './index.ts';
import type { Reporter } from './reporter.ts';

/** What makes a reader of the format see red. */
const RED: Readonly<Record<string, RegExp>> = {
  'report.html': /class="conclusion bad"/,
  'junit.xml': /<error type="nothing-exercised"/,
  'results.tap': /^not ok /m,
  'results.ktap': /^not ok /m,
  'kcidb.json': /"status": "(FAIL|ERROR|MISS)"/,
  'ctrf-report.json': /"status": "failed"/,
  'summary.md': /❌/,
  'mail.txt': /^Nothing was exercised: /m,
  'annotations.txt': /^::error /,
  'badge.json': /"color":"red"/,
  'badge.svg': /#b3261e/,
};

const REPORTERS: readonly Reporter[] = Object.values(FORMATS).flat();

const NOT_STARTED = runOf([], { stopped: 'The shim ended with 1.', notRun: ['c/d'], exitCode: 4 });
const NOT_RUN = runOf([fixtureCase('a/b')], { notRun: ['c/d'], exitCode: 6 });

describe.each(REPORTERS.map((reporter) => [reporter.fileName, reporter] as const))('%s', (_, reporter) => {
  it.each([
    ['was killed', cutRun()],
    ['was interrupted', runOf([fixtureCase('a/b')], { notRun: ['c/d'], interrupted: true, exitCode: 130 })],
    ['gave up', NOT_RUN],
    ['was killed before its first case', { ...runOf([]), footer: undefined }],
    ['did not start', NOT_STARTED],
    ['broke off', runOf([fixtureCase('a/b')], { stopped: 'The disk is full.', notRun: ['c/d'], exitCode: 2 })],
  ] as const)('says of a run that %s that it is incomplete', (_what, run: RunRecord) => {
    expect(reporter.render(run)).toMatch(/incomplete/i);
  });

  it('says of a run that did not start why not, where it has room for a sentence', () => {
    const shown = reporter.render({ ...NOT_STARTED, header: { ...NOT_STARTED.header, requirements: [] } });
    if (!reporter.fileName.startsWith('badge'))
      expect(shown).toContain('The run did not start: The shim ended with 1.');
  });

  it('says of a run in which nothing was exercised that it was so, and is not green', () => {
    const run = runOf([fixtureCase('a/b', { verdict: 'untested', judged: [] })], { exitCode: 5 });
    const shown = reporter.render(run);
    expect(shown).toMatch(/nothing was exercised|nothing exercised/i);
    expect(shown).toMatch(RED[reporter.fileName] ?? /never/);
  });

  it('does not say so of a whole run', () => {
    const shown = reporter.render(syntheticRun()).replace(/<style>[\s\S]*<\/style>/, '');
    expect(shown).not.toMatch(/incomplete/i);
  });

  it('is the same for equal runs', () => {
    expect(reporter.render(syntheticRun())).toBe(reporter.render(syntheticRun()));
  });

  it('lets nothing of a hostile run out that a terminal or a parser would obey', () => {
    expect(reporter.render(hostileRun())).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});
