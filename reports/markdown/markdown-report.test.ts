import { describe, expect, it } from 'vitest';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, largeRun, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { code, words } from './markdown.ts';
import { markdownReport } from './markdown-report.ts';

/** What GitHub takes of one step. */
const STEP_SUMMARY_MAX = 1024 * 1024;

describe('the Markdown summary', () => {
  const page = markdownReport.render(syntheticRun());

  it('is byte for byte what stands in the golden file', async () => {
    await expect(page).toMatchFileSnapshot('golden-summary.md');
  });

  it('begins with the driver and the conclusion, and has the four numbers of each score', () => {
    expect(page).toMatch(/^## linux 6\.12\.43/);
    expect(page).toContain('| MUST | 78 | 80 | 95 | 141 |');
  });

  it('says first that a run is incomplete', () => {
    expect(markdownReport.render(cutRun()).split('\n')[2]).toMatch(/^❌ \*\*INCOMPLETE/);
  });

  it('is green where everything is', () => {
    expect(markdownReport.render(runOf([fixtureCase('a/b')]))).toContain(
      '✅ **no specification MUST or platform rule broken',
    );
  });

  it.each([
    ['a large', largeRun(5000)],
    ['a hostile', hostileRun()],
    ['a run of different failures', runOf(Array.from({ length: 3000 }, (_, at) => differently(at)))],
  ])('stays below what GitHub takes: %s', (_what, run) => {
    expect(Buffer.byteLength(markdownReport.render(run))).toBeLessThan(STEP_SUMMARY_MAX / 2);
  });

  it('leaves no mark-up of a driver in force', () => {
    const outsideCode = markdownReport.render(hostileRun()).replace(/(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    expect(outsideCode).not.toMatch(/<(?!\/?details>|\/?summary>)/);
  });
});

function differently(at: number): ReturnType<typeof fixtureCase> {
  const says = `Something number ${at} ${'went wrong '.repeat(100)}`;
  const finding = { requirement: `a/${at}`, keyword: 'MUST', verdict: 'fail', says, by: 'x' } as const;
  return fixtureCase(`a/case-${at}`, { verdict: 'fail', says, findings: [finding] });
}

describe('words in Markdown', () => {
  it('mean nothing but themselves', () => {
    expect(words('a *b* <c> [d](e) @f #1 `g` |')).toBe(String.raw`a \*b\* &lt;c\> \[d\](e) \@f \#1 \`g\` \|`);
  });

  it('end where their code ends', () => {
    expect(code('a')).toBe('`a`');
    expect(code('a `` b')).toBe('``` a `` b ```');
    expect(code('a|b\nc')).toBe('`a\\|b c`');
  });
});
