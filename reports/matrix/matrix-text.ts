/** The matrix for a terminal. */
import { clipped, oneLine } from '../printable.ts';
import { DENOMINATOR_NAMES, SCORE_NAMES, SCORES, scoresOf } from '../run-view.ts';
import type { Matrix, MatrixColumn } from './matrix.ts';
import { gaps, glyphOf, legend, rest } from './matrix-words.ts';

const ID_MAX = 60;
const GAP_MAX = 400;
/** Room for the number of a column. */
const CELL = 3;

/** Columns with their scores, then a line for each variant that differs; ends with a line feed. */
export function matrixText(matrix: Matrix): string {
  const { columns, rows } = matrix;
  const width = Math.max(...rows.map(({ id }) => Math.min(id.length, ID_MAX)), 0);
  const numbers = columns.map((_, index) => String(index + 1).padStart(CELL)).join('');
  return [
    ...columns.map(columnLine),
    '',
    ...(rows.length === 0 ? [] : [`${''.padEnd(width)}${numbers}`]),
    ...rows.map(
      ({ id, cells }) =>
        `${clipped(oneLine(id), ID_MAX).padEnd(width)}${cells.map((cell) => glyphOf(cell).padStart(CELL)).join('')}`,
    ),
    ...(rows.length === 0 ? [] : ['', legend(matrix)]),
    rest(matrix),
    ...gaps(matrix).map((gap) => clipped(oneLine(gap), GAP_MAX)),
    '',
  ].join('\n');
}

/** `1 lazy: linux 6.12.43; MUST 75/78/113/138, …` */
function columnLine({ name, run }: MatrixColumn, index: number): string {
  const { driver } = run.header;
  const scored = scoresOf(run);
  const scores = scored
    ? SCORES.map((score) => `${SCORE_NAMES[score]} ${DENOMINATOR_NAMES.map((part) => scored[score][part]).join('/')}`)
    : ['INCOMPLETE'];
  return oneLine(`${index + 1} ${name}: ${driver.name} ${driver.version}; ${scores.join(', ')}`);
}
