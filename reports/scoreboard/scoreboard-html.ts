/** The scoreboard as a page. */
import { html, type Markup } from '../html/escape.ts';
import { htmlTable, plainPage } from '../plain-page.ts';
import { clipped, counted, oneLine } from '../printable.ts';
import type { Scoreboard, ScoreboardRow, TopicCell } from './scoreboard.ts';
import { runHead, SCORE_HEAD, scoreCells, standingCell, topicCell } from './scoreboard-cells.ts';

const TEXT_MAX = 400;

/** The page. */
export function scoreboardHtml(board: Scoreboard): string {
  const { rows, topics, broken } = board;
  return plainPage(
    `virtio-iommu drivers: ${counted(rows.length, 'run')}`,
    html`${htmlTable(SCORE_HEAD, rows.map(rowCells))}
<h2>By topic</h2>
${htmlTable(
  runHead('topic', board),
  topics.map(({ name, cells }) => [html`${text(name)}`, ...cells.map(topic)]),
)}
${
  broken.length > 0 &&
  html`<h2>Requirements that any of them breaks (${broken.length})</h2>
${htmlTable(
  runHead('requirement', board),
  broken.map(({ id, keyword, says, standings }) => [
    html`<code>${text(id)}</code><br><span class="soft">${keyword}: ${text(says)}</span>`,
    ...standings.map(
      (standing) => html`<span class="${standing === 'broken' ? 'bad' : 'soft'}">${standingCell(standing)}</span>`,
    ),
  ]),
)}`
}`,
  );
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);

function rowCells(row: ScoreboardRow): Markup[] {
  return [
    html`${row.number}`,
    html`<b>${text(row.name)}</b>${row.configuration !== '' && html`<br><span class="soft">${text(row.configuration)}</span>`}<br><span class="${
      row.isGood ? 'good' : 'bad'
    }">${text(row.says)}</span>`,
    ...scoreCells(row).map((cell) => html`${text(cell)}`),
  ];
}

function topic(cell: TopicCell | undefined): Markup {
  const style = cell === undefined || cell.good + cell.bad === 0 ? 'soft' : cell.bad > 0 ? 'bad' : 'good';
  return html`<span class="${style}">${topicCell(cell)}</span>`;
}
