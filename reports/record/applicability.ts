/** Which requirements bind a driver, once it is known what it made use of. */
import type { CaseJudged, RequirementRow, RunRecord } from './model.ts';

/**
 * `rows` as a run leaves them: one that rests on a feature which the driver was offered in some variant, and took up in none,
 * does not bind it. What was judged all the same stays.
 */
export function boundRows(rows: readonly RequirementRow[], judged: readonly CaseJudged[]): RequirementRow[] {
  const offered = new Set(judged.flatMap((variant) => variant.offered ?? []));
  const taken = new Set(judged.flatMap((variant) => variant.taken ?? []));
  const exercised = new Set(judged.flatMap((variant) => variant.judged.map(({ requirement }) => requirement)));
  return rows.map((row) => {
    const declined = (row.uses ?? []).find(({ use }) => offered.has(use) && !taken.has(use));
    if (!row.applicable || declined === undefined || exercised.has(row.id)) return row;
    return { ...row, applicable: false, reason: declined.otherwise };
  });
}

/** Every report asks, and most for each variant: the rows as each was left by the cases. */
const known = new WeakMap<RunRecord['cases'], { readonly of: RunRecord['header']; readonly rows: RequirementRow[] }>();

/** The requirements of a run as it leaves them. */
export function requirementsOf({ header, cases }: Pick<RunRecord, 'header' | 'cases'>): readonly RequirementRow[] {
  const found = known.get(cases);
  if (found?.of === header) return found.rows;
  const judged = cases.flatMap(({ judgement }) => judgement ?? []);
  const rows = boundRows(header.requirements, judged);
  known.set(cases, { of: header, rows });
  return rows;
}
