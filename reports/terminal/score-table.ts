/** The scores of a run in columns, 53 characters wide. */
import type { RunRecord } from '../record/model.ts';
import { DENOMINATOR_NAMES, SCORE_NAMES, SCORES, scoresOf } from '../run-view.ts';

/** A head and a line for each score; nothing for a run that has none. */
export function scoreTable(run: RunRecord): string[] {
  const scored = scoresOf(run);
  if (!scored) return [];
  return [
    row(['score', ...DENOMINATOR_NAMES]),
    ...SCORES.map((name) => row([SCORE_NAMES[name], ...DENOMINATOR_NAMES.map((part) => `${scored[name][part]}`)])),
  ];
}

/** Name and numbers of a score, in columns. */
function row(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(9) : cell.padStart(11))).join('');
}
