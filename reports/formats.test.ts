import { describe, expect, it } from 'vitest';
import type { RunRecord } from './record/model.ts';
import { hostileRun } from './fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from './fixtures/synthetic-run.ts';
import { FORMATS } from './index.ts';
import type { Reporter } from './reporter.ts';

const REPORTERS: readonly Reporter[] = Object.values(FORMATS).flat();

const NOT_RUN = runOf([fixtureCase('a/b')], { notRun: ['c/d'], exitCode: 6 });

describe.each(REPORTERS.map((reporter) => [reporter.fileName, reporter] as const))('%s', (_, reporter) => {
  it.each([
    ['was killed', cutRun()],
    ['was interrupted', runOf([fixtureCase('a/b')], { notRun: ['c/d'], interrupted: true, exitCode: 130 })],
    ['gave up', NOT_RUN],
    ['was killed before its first case', { ...runOf([]), footer: undefined }],
  ] as const)('says of a run that %s that it is incomplete', (_what, run: RunRecord) => {
    expect(reporter.render(run)).toMatch(/incomplete/i);
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
