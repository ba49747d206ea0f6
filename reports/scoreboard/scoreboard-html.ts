/** The scoreboard as a page. */
import { html, type Markup } from '../html/escape.ts';
import { scoreBar } from '../html/score-bar.ts';
import { outcomeBadge, stateBadge } from '../html/verdict-badge.ts';
import { htmlTable, plainPage } from '../html/plain-page.ts';
import { counted } from '../../reference-device/counted.ts';
import { clipped, oneLine } from '../printable.ts';
import { OUTCOMES, SCORE_NAMES, type ScoreName, SCORES } from '../run-view.ts';
import { headlineText } from '../headline.ts';
import { obligationWord } from '../words/obligation.ts';
import type { Scoreboard, ScoreboardRow, TopicCell } from './scoreboard.ts';
import { stateOf } from './scoreboard-cells.ts';

const TEXT_MAX = 400;
/** Of a driver's name in the head of a column. */
const HEAD_MAX = 80;

/** The page. */
export function scoreboardHtml(board: Scoreboard): string {
  const { rows, topics, broken } = board;
  return plainPage(
    `virtio-iommu drivers: ${counted(rows.length, 'run')}`,
    html`<p class="note">Of each score: how many requirements held, of those that bind the driver. The bar has what was broken in red, what was not exercised in blue, what does not bind the driver in grey.</p>
${htmlTable(['driver', 'broken', 'crashes, hangs', ...SCORES.map((name) => SCORE_NAMES[name]), 'cases'], rows.map(rowCells))}
${
  broken.length > 0 &&
  html`<h2>Requirements that any of them breaks (${broken.length})</h2>
${htmlTable(
  runHead('requirement', board),
  broken.map(({ row, standings }) => [
    html`<b>${obligationWord(row)}</b> ${text(row.says)}<br><code class="id">${text(row.id)}</code>`,
    ...standings.map((standing) => stateBadge(stateOf(standing, row.keyword))),
  ]),
)}`
}<h2>By topic</h2>
<p class="note">Variants: ✓ passed, ✗ failed, ? not judged.</p>
${htmlTable(
  runHead('topic', board),
  topics.map(({ name, cells }) => [html`${text(name)}`, ...cells.map(topic)]),
)}`,
  );
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);

/** Number and name: a number alone would have to be looked up. */
const runHead = (name: string, { rows }: Scoreboard): string[] => [
  name,
  ...rows.map((row) => `${row.number} · ${clipped(oneLine(row.name), HEAD_MAX)}`),
];

function rowCells(row: ScoreboardRow): Markup[] {
  return [
    html`<b>${row.number} · ${text(row.name)}</b><br><span class="${row.headline.tone}">${text(headlineText(row.headline))}</span><details><summary>${text(row.requirementSet)}</summary><span class="note">${text(row.judgedBy)}${row.configuration !== '' && html`<br>${text(row.configuration)}`}</span></details>`,
    html`${brokenList(row)}`,
    html`<span class="${row.crashed > 0 ? 'bad' : 'soft'}">${row.crashed}</span>`,
    ...SCORES.map((name) => scoreCell(row, name)),
    html`<p>${row.variants.played} of ${row.variants.all}</p><ul class="counts">${OUTCOMES.filter((outcome) => row.counts[outcome] > 0).map((outcome) => html`<li><b>${row.counts[outcome]}</b> ${outcomeBadge(outcome)}</li>`)}</ul>`,
  ];
}

/** Each kind of requirement that is broken, and none else. */
function brokenList({ broken, isComplete }: ScoreboardRow): Markup {
  const kinds = [
    { count: broken.must, words: 'MUST', look: 'bad' },
    { count: broken.rule, words: 'platform rule', look: 'bad' },
    { count: broken.should, words: 'SHOULD', look: 'warn' },
    { count: broken.advice, words: 'platform advice', look: 'warn' },
  ].filter(({ count }) => count > 0);
  if (kinds.length === 0) return isComplete ? html`<span class="good">none</span>` : html`–`;
  return html`<ul class="judges">${kinds.map(({ count, words, look }) => html`<li class="${look}"><b>${count}</b> ${words}</li>`)}</ul>`;
}

function scoreCell({ scores, isComplete }: ScoreboardRow, name: ScoreName): Markup {
  const score = scores?.[name];
  if (!score) return html`<span class="bad">${isComplete ? '–' : 'INCOMPLETE'}</span>`;
  return html`<p class="figure"><b>${score.held}</b> of ${score.applicable}</p>${scoreBar(score)}`;
}

function topic(cell: TopicCell | undefined): Markup {
  if (!cell) return html`–`;
  return html`${part('bad', '✗', cell.bad)}${part('good', '✓', cell.good)}${part('soft', '?', cell.open)}`;
}

const part = (look: string, sign: string, count: number): Markup | false =>
  count > 0 && html`<span class="${look}">${sign}${count}</span> `;
