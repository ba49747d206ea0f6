/** The scoreboard in Markdown. */
import { code, table, words } from '../markdown/markdown.ts';
import { stateWords } from '../html/verdict-badge.ts';
import { obligationWord } from '../words/obligation.ts';
import type { Scoreboard } from './scoreboard.ts';
import { runHead, SCORE_HEAD, scoreCells, stateOf, topicCell } from './scoreboard-cells.ts';

/** The tables, ending with a line feed. */
export function scoreboardMarkdown(board: Scoreboard): string {
  const { rows, topics, broken } = board;
  const blocks = [
    table(
      SCORE_HEAD,
      rows.map((row) => [String(row.number), words(row.name), ...scoreCells(row).map(words)]),
    ),
    ...[...new Set(rows.map(({ judgedBy }) => judgedBy))].map((by) => `Judged by ${words(by)}.`),
    ...(broken.length === 0
      ? []
      : [
          table(
            runHead('requirement', board),
            broken.map(({ row, standings }) => [
              `${obligationWord(row)}: ${words(row.says)} ${code(row.id)}`,
              ...standings.map((standing) => {
                const says = stateWords(stateOf(standing, row.keyword));
                return standing === 'broken' ? `**${says}**` : says;
              }),
            ]),
          ),
        ]),
    table(
      runHead('topic', board),
      topics.map(({ name, cells }) => [words(name), ...cells.map(topicCell)]),
    ),
  ];
  return `${blocks.join('\n\n')}\n`;
}
