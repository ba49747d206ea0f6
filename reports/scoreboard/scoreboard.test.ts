import { describe, expect, it } from 'vitest';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { scoreboardHtml } from './scoreboard-html.ts';
import { scoreboardMarkdown } from './scoreboard-markdown.ts';
import { scoreboardOf } from './scoreboard.ts';

const MUST = 'iommu/driver/map/end-above-start';
const run = (held: boolean): ReturnType<typeof runOf> =>
  runOf([fixtureCase('map/x', { verdict: held ? 'pass' : 'fail', judged: [{ requirement: MUST, times: 1, held }] })]);

describe('the scoreboard', () => {
  it('has a row for each run, and no score for one that is incomplete', () => {
    const { rows } = scoreboardOf([run(true), cutRun()]);
    expect(rows.map(({ number, headline, isComplete }) => [number, headline.tone, isComplete])).toEqual([
      [1, 'good', true],
      [2, 'bad', false],
    ]);
    expect(rows[1]?.scores).toBeUndefined();
  });

  it('counts what is broken and what the driver does not survive, whatever the list of expected failures says', () => {
    const [row] = scoreboardOf([syntheticRun()]).rows;
    expect(row?.broken).toEqual({ must: 1, rule: 2, should: 2, advice: 0 });
    expect(row?.crashed).toBe(1);
  });

  it('tells a run of a few cases from one of all', () => {
    expect(scoreboardOf([run(true)]).rows[0]?.variants).toEqual({ played: 1, all: 9 });
    expect(scoreboardMarkdown(scoreboardOf([run(true)]))).toContain('| 1 of 9 |');
  });

  it('tells runs of the same driver apart by what their configurations do not share', () => {
    const [strict, lazy] = ['quiet iommu.strict=1', 'quiet iommu.strict=0'].map((configuration) => {
      const { header, ...rest } = run(true);
      return { ...rest, header: { ...header, driver: { ...header.driver, configuration } } };
    });
    expect(scoreboardOf([strict!, lazy!]).rows.map(({ name }) => name)).toEqual([
      'linux 6.12.43-cloud-amd64, iommu.strict=1',
      'linux 6.12.43-cloud-amd64, iommu.strict=0',
    ]);
    expect(scoreboardOf([lazy!]).rows[0]?.name).toBe('linux 6.12.43-cloud-amd64');
  });

  it('counts each topic of each run', () => {
    const { topics } = scoreboardOf([run(false), runOf([fixtureCase('dma/y', { verdict: 'untested' })])]);
    expect(topics).toEqual([
      { name: 'map', cells: [{ good: 0, bad: 1, open: 0 }, undefined] },
      { name: 'dma', cells: [undefined, { good: 0, bad: 0, open: 1 }] },
    ]);
  });

  it('lists the requirements that any run breaks, with how the others do', () => {
    const { broken } = scoreboardOf([run(true), run(false), runOf([])]);
    expect(broken.map(({ row, standings }) => [row.id, standings])).toEqual([
      [MUST, ['held', 'broken', 'not-exercised']],
    ]);
  });
});

describe.each([
  ['HTML', scoreboardHtml],
  ['Markdown', scoreboardMarkdown],
] as const)('the scoreboard as %s', (_name, render) => {
  it('shows held of applicable, and how much of the rest was exercised', () => {
    expect(render(scoreboardOf([syntheticRun()]))).toMatch(
      /78 of 95 held, 80 exercised|78 held, 2 broken, 15 not exercised, 46 not applicable/,
    );
  });

  it('names the catalogue that judged', () => {
    expect(render(scoreboardOf([syntheticRun()]))).toContain('catalogue 5f0c1d2e3b4a');
  });

  it('says which run is incomplete', () => {
    expect(render(scoreboardOf([cutRun()]))).toContain('INCOMPLETE');
  });

  it('lets nothing of a hostile run out', () => {
    const page = render(scoreboardOf([hostileRun()]));
    expect(page).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(page).not.toMatch(/<script|<img/);
  });
});
