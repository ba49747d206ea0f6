import { describe, expect, it } from 'vitest';
import { compareRuns } from '../comparison.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { comparisonHtml } from './comparison-html.ts';
import { comparisonMarkdown } from './comparison-markdown.ts';
import { comparisonText } from './comparison-text.ts';

const asText = (comparison: ReturnType<typeof compareRuns>): string =>
  comparisonText(comparison, { colour: false, width: 80 });

const RENDERINGS = [
  ['text', asText],
  ['Markdown', comparisonMarkdown],
  ['HTML', comparisonHtml],
] as const;

const many = (verdict: 'pass' | 'error', says = (at: number) => `No. ${at}.`): ReturnType<typeof runOf> =>
  runOf(Array.from({ length: 40 }, (_, at) => fixtureCase(`a/${at}`, { verdict, says: says(at) })));

const good = runOf(syntheticRun().cases.map(({ started: { id } }) => fixtureCase(id)));

describe.each(RENDERINGS)('a comparison as %s', (_name, render) => {
  it('names what fails now with its sentence', () => {
    const page = render(compareRuns(good, syntheticRun()));
    expect(page).toMatch(/new failures \(3\)/i);
    expect(page).toContain('map/end-above-start:equal');
    expect(page.replaceAll('\\', '').replace(/\s+/g, ' ')).toContain('MAP carried virt_start 0x1000');
  });

  it('says that nothing changed where nothing did', () => {
    expect(render(compareRuns(good, good))).toContain('Nothing changed in 9 variants.');
  });

  it('says that a run is incomplete', () => {
    expect(render(compareRuns(good, cutRun()))).toMatch(/The second run is INCOMPLETE/);
  });

  it('lets nothing of a hostile run out that its reader would obey', () => {
    const page = render(compareRuns(good, hostileRun()));
    expect(page).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/u);
    if (_name === 'HTML') expect(page).not.toMatch(/<script|<img/);
  });
});

it('fits a narrow terminal, commands apart', () => {
  const lines = comparisonText(compareRuns(good, syntheticRun()), { colour: false, width: 60 }).split('\n');
  expect(lines.filter((line) => line.length > 60 && !line.startsWith('    $ '))).toEqual([]);
});

it.each(RENDERINGS)('tells once what changed in the same way, as %s', (_name, render) => {
  const page = render(
    compareRuns(
      many('pass'),
      many('error', () => 'It broke.'),
    ),
  );
  expect(page).not.toContain('a/39');
  expect(page).toMatch(/the same in 39 more variants: a\/1, |\| `a\/0` \| 40 \|/);
});

it('lists at most 25 cases of a kind in text, and says how many more there are', () => {
  expect(asText(compareRuns(many('pass'), many('error')))).toContain('… and 15 more');
});
