import { describe, expect, it } from 'vitest';
import { cutRun, fixtureCase, runOf, syntheticRun } from './fixtures/synthetic-run.ts';
import { headlineOf, headlineText } from './headline.ts';

const MUST = 'iommu/driver/map/end-above-start';
const RULE = 'platform/free/unmapped-when-freed';
const judged = (requirement: string, held: boolean) => ({ requirement, times: 1, held });
const broken = (requirement: string) =>
  fixtureCase('a/b', { verdict: 'fail', judged: [judged(requirement, false)], findings: [] });

describe('the headline', () => {
  it('never calls a MUST what the specification does not demand', () => {
    expect(headlineOf(runOf([broken(RULE)])).broken).toMatch(/^1 platform rule broken/);
    expect(headlineOf(runOf([broken(MUST)])).broken).toMatch(/^1 specification MUST broken/);
  });

  it('does not heed the list of expected failures', () => {
    const expected = { reason: 'known' };
    const run = runOf([fixtureCase('a/b', { verdict: 'fail', expected, judged: [judged(MUST, false)] })], {
      exitCode: 0,
    });
    expect(headlineOf(run)).toMatchObject({
      tone: 'bad',
      broken: expect.stringMatching(/^1 specification MUST broken/),
    });
  });

  it('says how much was checked', () => {
    expect(headlineOf(syntheticRun()).checked).toBe('3 of 6 MUSTs checked, 3 not');
  });

  it('says what is newly broken and fixed since the last run', () => {
    const before = runOf([fixtureCase('a/b', { judged: [judged(MUST, true), judged(RULE, false)] })]);
    const after = runOf([fixtureCase('a/b', { judged: [judged(MUST, false), judged(RULE, true)] })]);
    expect(headlineOf(after, before).since).toBe('1 newly broken, 1 fixed since the last run');
    expect(headlineOf(after, after).since).toBe('nothing newly broken or fixed since the last run');
    expect(headlineText(headlineOf(after))).not.toContain('since');
  });

  it('is no praise where something else went wrong', () => {
    expect(headlineOf(cutRun())).toMatchObject({ tone: 'bad', broken: expect.stringMatching(/^INCOMPLETE\. /) });
    expect(headlineOf(runOf([]))).toMatchObject({ tone: 'bad', broken: 'Nothing was run.' });
    const odd = headlineOf(runOf([fixtureCase('a/b', { verdict: 'fail', findings: [] })]));
    expect(odd).toMatchObject({ tone: 'bad', broken: expect.stringContaining('1 variant failed for another reason') });
  });

  it('is amber where only advice is not followed', () => {
    const run = runOf([
      fixtureCase('a/b', { verdict: 'warn', judged: [judged('iommu/driver/unmap/cover-mapping', false)] }),
    ]);
    expect(headlineOf(run).tone).toBe('warn');
  });
});
