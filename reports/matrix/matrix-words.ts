import type { CaseStanding } from '../comparison.ts';
import { counted } from '../../words/counted.ts';
import { OUTCOME_WORDS } from '../run-view.ts';
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

/** What is not shown. */
export const rest = ({ rows, sameCount }: Matrix): string =>
  rows.length === 0
    ? `All ${counted(sameCount, 'variant')} went the same everywhere.`
    : `${counted(sameCount, 'more variant')} went the same everywhere.`;
