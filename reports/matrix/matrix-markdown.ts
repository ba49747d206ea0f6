/** The matrix in Markdown. */
import { code, table, words } from '../markdown/markdown.ts';
import { scoreCells, SCORE_HEAD } from '../scoreboard/scoreboard-cells.ts';
import { scoreboardOf } from '../scoreboard/scoreboard.ts';
import type { Matrix } from './matrix.ts';
import { gaps, glyphOf, legend, rest } from './matrix-words.ts';

/** The columns with their scores, then a row for each variant that differs; ends with a line feed. */
export function matrixMarkdown(matrix: Matrix): string {
  const { columns, rows } = matrix;
  const board = scoreboardOf(columns.map(({ run }) => run));
  const blocks = [
    table(
      ['', ...SCORE_HEAD.slice(1)],
      board.rows.map((row, index) => [
        words(columns[index]?.name ?? ''),
        words(row.name),
        ...scoreCells(row).map(words),
      ]),
    ),
    ...(rows.length === 0
      ? []
      : [
          table(
            ['variant', ...columns.map(({ name }) => words(name))],
            rows.map(({ id, cells }) => [code(id), ...cells.map(glyphOf)]),
          ),
          words(legend(matrix)),
        ]),
    words(rest(matrix)),
    ...gaps(matrix).map(words),
  ];
  return `${blocks.join('\n\n')}\n`;
}
