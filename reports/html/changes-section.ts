/** What changed against a baseline, beside the scores: what got worse first. */
import { counted } from '../../reference-device/counted.ts';
import { clipped, oneLine } from '../printable.ts';
import { caseStandingWords, nameOfRun, REQUIREMENT_STANDING_WORDS, sameIn } from '../compare/comparison-words.ts';
import {
  alikeChanges,
  type CaseChange,
  type Change,
  CHANGES,
  compareRuns,
  type RequirementChange,
} from '../comparison.ts';
import { obligationWord } from '../words/obligation.ts';
import { requirementLink } from './case-article.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';

const TEXT_MAX = 400;
const ROWS_MAX = 60;

/** Of a single case or requirement. */
const BADGE_WORDS: Readonly<Record<Change, string>> = {
  'new-failure': 'newly broken',
  'new-warning': 'newly not followed',
  'no-longer-exercised': 'no longer exercised',
  fixed: 'fixed',
  'newly-exercised': 'newly exercised',
  otherwise: 'otherwise different',
};

/** Whose colour a change shares. */
const CHANGE_LOOKS: Readonly<Record<Change, string>> = {
  'new-failure': 'fail',
  'new-warning': 'warn',
  'no-longer-exercised': 'untested',
  fixed: 'pass',
  'newly-exercised': 'pass',
  otherwise: 'not-applicable',
};

/** Of the page's first run against the baseline, if there is one. */
export function changesSection(context: PageContext): Markup | undefined {
  const [first] = context.runs;
  if (!first || !context.baseline) return undefined;
  const { before, differences, cases, requirements, gaps, sameCount } = compareRuns(context.baseline, first.run);
  const facts = differences.map(
    (it) =>
      html`<tr><th scope="row">${it.name}</th><td>${clipped(oneLine(it.before), TEXT_MAX)}</td><td>${clipped(oneLine(it.after), TEXT_MAX)}</td></tr>`,
  );
  return html`<section id="changes" aria-labelledby="changes-heading"><h2 id="changes-heading">What changed</h2>
<p>Against a run of ${clipped(oneLine(nameOfRun(before)), TEXT_MAX)} that began ${clipped(oneLine(before.header.startedAt), 60)}: ${tally(cases)}. ${counted(sameCount, 'variant')} as before.</p>
${gaps.map(
  (gap) => html`<p class="note">${clipped(oneLine(gap), TEXT_MAX)}</p>
`,
)}${
  facts.length > 0 &&
  html`<details><summary>The runs themselves differ: ${differences.map((it) => it.name).join(', ')}</summary><div class="scroll"><table><thead><tr><th scope="col">what</th><th scope="col">before</th><th scope="col">now</th></tr></thead><tbody>${facts}</tbody></table></div></details>
`
}${
  requirements.length > 0 &&
  html`<h3>Requirements</h3>
${requirementTable(requirements, context)}`
}${
  cases.length > 0 &&
  html`<h3>Cases</h3>
${caseTable(cases, context)}`
}</section>
`;
}

/** `2 newly broken, 1 fixed` */
function tally(changes: readonly CaseChange[]): string {
  const parts = CHANGES.map((change) => ({ change, count: changes.filter((it) => it.change === change).length }))
    .filter(({ count }) => count > 0)
    .map(({ change, count }) => `${counted(count, 'variant')} ${BADGE_WORDS[change]}`);
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}

const changeBadge = (change: Change): Markup =>
  html`<span class="badge ${CHANGE_LOOKS[change]}">${BADGE_WORDS[change]}</span>`;

function requirementTable(changes: readonly RequirementChange[], context: PageContext): Markup {
  const rows = changes.slice(0, ROWS_MAX).map(
    ({ change, row, before, after }) =>
      html`<tr><td>${changeBadge(change)}</td><td>${obligationWord(row)} · ${requirementLink(row.id, context)}<br>${clipped(row.says, TEXT_MAX)}</td><td>${REQUIREMENT_STANDING_WORDS[before]} → ${REQUIREMENT_STANDING_WORDS[after]}</td></tr>
`,
  );
  return html`<div class="scroll"><table><thead><tr><th scope="col">change</th><th scope="col">requirement</th><th scope="col">before → now</th></tr></thead><tbody>${rows}</tbody></table></div>${rest(changes)}
`;
}

function caseTable(changes: readonly CaseChange[], context: PageContext): Markup {
  const [run] = context.runs;
  const groups = alikeChanges(changes);
  const rows = groups.slice(0, ROWS_MAX).map(
    ({ first: { change, id, before, after, says }, others }) =>
      html`<tr><td>${changeBadge(change)}</td><td>${caseName(id, run)}<br>${clipped(oneLine(says), TEXT_MAX)}${others.length > 0 && html`<br><span class="note">${clipped(oneLine(sameIn(others)), TEXT_MAX)}</span>`}</td><td>${caseStandingWords(before)} → ${caseStandingWords(after)}</td></tr>
`,
  );
  return html`<div class="scroll"><table><thead><tr><th scope="col">change</th><th scope="col">variant</th><th scope="col">before → now</th></tr></thead><tbody>${rows}</tbody></table></div>${rest(groups)}
`;
}

const rest = (changes: readonly unknown[]): Markup | undefined =>
  changes.length > ROWS_MAX ? html`<p class="note">and ${changes.length - ROWS_MAX} more</p>` : undefined;

function caseName(id: string, run: RunContext | undefined): Markup {
  const anchor = run?.caseAnchors.get(id);
  const name = html`<code>${clipped(id, 200)}</code>`;
  return anchor === undefined ? name : html`<a href="#${anchor}">${name}</a>`;
}
