/** Variants against runs: where drivers, kernels or configurations differ. */
import type { RunRecord } from '../record/model.ts';
import type { CaseStanding } from '../comparison.ts';
import { outcomeOf } from '../run-view.ts';

export interface MatrixColumn {
  readonly name: string;
  readonly run: RunRecord;
}

export interface Matrix {
  readonly columns: readonly MatrixColumn[];
  /** Variants that do not stand the same everywhere, or that went wrong anywhere; in the order of the first run that has them. */
  readonly rows: readonly { readonly id: string; readonly cells: readonly CaseStanding[] }[];
  /** Variants that are no row. */
  readonly sameCount: number;
}

const WRONG: ReadonlySet<CaseStanding> = new Set<CaseStanding>(['fail', 'error', 'unfinished']);

/** The matrix of the runs, in their order. */
export function matrixOf(columns: readonly MatrixColumn[]): Matrix {
  const standings = columns.map(
    ({ run }) => new Map<string, CaseStanding>(run.cases.map((record) => [record.started.id, outcomeOf(record)])),
  );
  const ids = [...new Set(standings.flatMap((of) => [...of.keys()]))];
  const rows = ids
    .map((id) => ({ id, cells: standings.map((of): CaseStanding => of.get(id) ?? 'absent') }))
    .filter(({ cells }) => {
      // A run that did not start differs from the others in everything, which says nothing of the variants.
      const told = cells.filter((_, column) => (standings[column]?.size ?? 0) > 0);
      return new Set(told).size > 1 || told.some((cell) => WRONG.has(cell));
    });
  return { columns, rows, sameCount: ids.length - rows.length };
}
