/** A comparison as a page of its own. */
import { alikeChanges, type Change, CHANGES, type Comparison } from '../comparison.ts';
import { html, type Markup } from '../html/escape.ts';
import { htmlTable, plainPage } from '../html/plain-page.ts';
import { clipped, oneLine } from '../printable.ts';
import { DENOMINATOR_NAMES } from '../run-view.ts';
import { obligationWord } from '../words/obligation.ts';
import {
  caseStandingWords,
  CHANGE_WORDS,
  conclusionOfComparison,
  nameOfRun,
  REQUIREMENT_STANDING_WORDS,
  sameIn,
  scoreRows,
} from './comparison-words.ts';

const TEXT_MAX = 400;

const STYLES: Readonly<Record<Change, string>> = {
  'new-failure': 'bad',
  'new-warning': 'warn',
  'no-longer-exercised': 'odd',
  fixed: 'good',
  'newly-exercised': 'good',
  otherwise: 'soft',
};

/** The page. */
export function comparisonHtml(comparison: Comparison): string {
  const { before, after, differences, gaps } = comparison;
  return plainPage(
    conclusionOfComparison(comparison),
    html`${gaps.map(
      (gap) => html`<p class="incomplete">${gap}</p>
`,
    )}<p>Before: <b>${text(nameOfRun(before))}</b><br>After: <b>${text(nameOfRun(after))}</b></p>
<h2>Score</h2>
${htmlTable(
  ['', ...DENOMINATOR_NAMES],
  scoreRows(comparison).map((row) => row.map((cell) => html`${cell}`)),
)}
${
  differences.length > 0 &&
  html`<h2>In what the runs differ</h2>
${htmlTable(
  ['', 'before', 'after'],
  differences.map((it) => [html`${it.name}`, html`${text(it.before)}`, html`${text(it.after)}`]),
)}`
}${CHANGES.map((change) => casesOf(comparison, change))}${requirementsOf(comparison)}`,
  );
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);

function casesOf({ cases }: Comparison, change: Change): Markup | undefined {
  const members = cases.filter((it) => it.change === change);
  if (members.length === 0) return undefined;
  const rows = alikeChanges(members).map(({ first: { id, before, after, says, broken, mended, repeat }, others }) => [
    html`<code>${text(id)}</code>${others.length > 0 && html`<br><span class="soft">${text(sameIn(others))}</span>`}`,
    html`${caseStandingWords(before)}`,
    html`${caseStandingWords(after)}`,
    html`${text(says)}${broken.length > 0 && html`<br>now broken: <code>${text(broken.join(', '))}</code>`}${
      mended.length > 0 && html`<br>no longer broken: <code>${text(mended.join(', '))}</code>`
    }${repeat !== undefined && html`<br><code class="soft">${text(repeat)}</code>`}`,
  ]);
  return html`<h2 class="${STYLES[change]}">${CHANGE_WORDS[change]} (${members.length})</h2>
${htmlTable(['variant', 'before', 'after', 'says'], rows)}`;
}

function requirementsOf({ requirements }: Comparison): Markup | undefined {
  if (requirements.length === 0) return undefined;
  const rows = requirements.map(({ row, change, before, after }) => [
    html`<code>${text(row.id)}</code><br><span class="soft">${obligationWord(row)}${row.section === '-' ? '' : `, ${text(row.section)}`}: ${text(row.says)}</span>`,
    html`${REQUIREMENT_STANDING_WORDS[before]}`,
    html`<span class="${STYLES[change]}">${REQUIREMENT_STANDING_WORDS[after]}</span>`,
  ]);
  return html`<h2>requirements (${requirements.length})</h2>
${htmlTable(['requirement', 'before', 'after'], rows)}`;
}
