import type { CaseStanding } from '../comparison.ts';
import { counted } from '../../reference-device/counted.ts';
import { incompleteness, OUTCOME_WORDS } from '../run-view.ts';
import { MARKS } from '../terminal/marks.ts';
import type { Matrix } from './matrix.ts';

/** The sign of a cell. */
export const glyphOf = (standing: CaseStanding): string => (standing === 'absent' ? '·' : MARKS[standing].glyph);

/** `✗ failed, ✓ passed`: the signs that the matrix uses. */
export function legend({ rows }: Matrix): string {
  const used = new Set(rows.flatMap(({ cells }) => cells));
  return [...used]
    .map((standing) => `${glyphOf(standing)} ${standing === 'absent' ? 'not in this run' : OUTCOME_WORDS[standing]}`)
    .join(', ');
}

/** `lazy is INCOMPLETE. The run did not start: …`, of each run that did not come to its end. */
export const gaps = ({ columns }: Matrix): string[] =>
  columns.flatMap(({ name, run }) => {
    const why = incompleteness(run);
    return why === undefined ? [] : [`${name} is INCOMPLETE. ${why}`];
  });

/** What is not shown. */
export const rest = ({ rows, sameCount }: Matrix): string => {
  if (rows.length + sameCount === 0) return 'Nothing was played.';
  return rows.length === 0
    ? `All ${counted(sameCount, 'variant')} went the same everywhere.`
    : `${counted(sameCount, 'more variant')} went the same everywhere.`;
};
