/** What of the specification the catalogue judges: a square for each requirement, and in words what is not judged. */
import type { CoveredRequirement, SelfTest } from '../../record/self-test.ts';
import { html, type Markup } from '../escape.ts';
import { sectionLink } from '../specification-link.ts';
import { bySection, SOURCE_TITLES } from '../section-groups.ts';
import { barLegend, stackedBar } from '../stacked-bar.ts';
import { waffle } from '../waffle.ts';

type CoverageState = CoveredRequirement['coverage'];
export type CoverageFacts = Pick<SelfTest, 'revision' | 'requirements'>;

const STATES: readonly CoverageState[] = ['judged', 'missing', 'not-testable'];
const WORDS: Readonly<Record<CoverageState, string>> = {
  judged: 'judged',
  missing: 'missing',
  'not-testable': 'not testable from outside',
};
/** Whose colour a state shares. */
const LOOKS: Readonly<Record<CoverageState, string>> = {
  judged: 'held',
  missing: 'broken',
  'not-testable': 'inapplicable',
};

const KEYWORDS: readonly string[] = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'platform'];

/** What a requirement is counted as: its keyword, or `platform` if the specification gives it none. */
const keywordOf = ({ source, keyword }: CoveredRequirement): string => (source === 'implied' ? 'platform' : keyword);

/** Bars by keyword, then the sections. */
export function coveragePictures(facts: CoverageFacts): Markup {
  const { requirements } = facts;
  return html`${keywordBars(requirements)}
<p class="note">Below, one square is one requirement.</p>
<ul class="legend squares">${STATES.map((state) => html`<li class="${LOOKS[state]}">${WORDS[state]}</li>`)}</ul>
${(['virtio', 'implied'] as const).map((source) => sourceMap(requirements, source))}`;
}

/** What nobody can judge from outside, with the reason, and what is missing. */
export function notJudged({ requirements }: CoverageFacts): Markup {
  const missing = requirements.filter(({ coverage }) => coverage === 'missing');
  const notTestable = requirements.filter(({ coverage }) => coverage === 'not-testable');
  return html`${missing.length === 0 ? html`<p>Nothing that could be judged is missing.</p>` : listed(`Missing: ${missing.length}`, missing, true)}
${notTestable.length > 0 && listed(`Not testable from outside: ${notTestable.length}, each with its reason`, notTestable, false)}`;
}

function keywordBars(requirements: readonly CoveredRequirement[]): Markup {
  const groups = KEYWORDS.map((name) => ({ name, members: requirements.filter((row) => keywordOf(row) === name) }));
  const whole = Math.max(...groups.map(({ members }) => members.length));
  return html`<dl class="bars">${groups
    .filter(({ members }) => members.length > 0)
    .map(({ name, members }) => {
      const pieces = STATES.map((state) => ({
        look: LOOKS[state],
        count: members.filter(({ coverage }) => coverage === state).length,
        words: WORDS[state],
      }));
      return html`<div><dt>${name}</dt><dd>${stackedBar(pieces, whole)}${barLegend(pieces)}</dd></div>
`;
    })}</dl>`;
}

function sourceMap(
  requirements: readonly CoveredRequirement[],
  source: CoveredRequirement['source'],
): Markup | undefined {
  const groups = bySection(requirements, source);
  if (groups.length === 0) return undefined;
  return html`<h3>${SOURCE_TITLES[source]}</h3>
<ul class="map">${groups.map(({ title, rows }) => {
    const states = STATES.flatMap((state) => rows.filter(({ coverage }) => coverage === state).map(() => state));
    const counts = STATES.map((state) => ({ state, count: states.filter((it) => it === state).length }));
    const words = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${WORDS[state]}`);
    return html`<li>${title} ${waffle(
      states.map((state) => LOOKS[state]),
      words.join(', '),
    )}</li>
`;
  })}</ul>`;
}

function listed(summary: string, rows: readonly CoveredRequirement[], isOpen: boolean): Markup {
  return html`<details${isOpen && html` open`}><summary>${summary}</summary><ul>${rows.map(
    ({ id, keyword, section, says, reason }) =>
      html`<li><b>${keyword}</b> ${says} <span class="note"><code>${id}</code> (${sectionLink(section)})</span>${reason !== undefined && html`<br>${reason}`}</li>
`,
  )}</ul></details>`;
}
