/** The scoreboard in Markdown. */
import { code, table, words } from '../markdown/markdown.ts';
import type { Scoreboard } from './scoreboard.ts';
import { runHead, SCORE_HEAD, scoreCells, standingCell, topicCell } from './scoreboard-cells.ts';

/** The tables, ending with a line feed. */
export function scoreboardMarkdown(board: Scoreboard): string {
  const { rows, topics, broken } = board;
  const blocks = [
    table(
      SCORE_HEAD,
      rows.map((row) => [String(row.number), words(row.name), ...scoreCells(row).map(words)]),
    ),
    table(
      runHead('topic', board),
      topics.map(({ name, cells }) => [words(name), ...cells.map(topicCell)]),
    ),
    ...(broken.length === 0
      ? []
      : [
          table(
            runHead('requirement', board),
            broken.map(({ id, standings }) => [code(id), ...standings.map(standingCell)]),
          ),
        ]),
  ];
  return `${blocks.join('\n\n')}\n`;
}
