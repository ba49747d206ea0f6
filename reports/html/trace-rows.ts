/** Chooses what of a trace is shown: quiet events are folded, and a long trace is cut, but never at what proves a finding. */
import type { LoggedTraceEvent } from '../record/model.ts';
import { weightOf } from './event-weight.ts';

export type TraceRow =
  | { readonly row: 'verb' | 'event'; readonly event: LoggedTraceEvent }
  /** Quiet events one after the other. */
  | { readonly row: 'fold'; readonly members: readonly LoggedTraceEvent[] }
  /** Rows left out; `from` and `to` are the `seq` of the first and last event among them. */
  | { readonly row: 'cut'; readonly count: number; readonly from: number; readonly to: number };

export interface RowChoice {
  /** `seq`s of events that are shown in any case, with what is around them. */
  readonly proofs: ReadonlySet<number>;
  /** About how many rows there may be. */
  readonly max: number;
}

/** Rows kept on either side of a proof. */
const AROUND_PROOF = 2;

export function traceRows(trace: readonly LoggedTraceEvent[], { proofs, max }: RowChoice): TraceRow[] {
  const rows = folded(trace, proofs);
  return rows.length <= max ? rows : cutRows(rows, keptIndices(rows, proofs, max));
}

function folded(trace: readonly LoggedTraceEvent[], proofs: ReadonlySet<number>): TraceRow[] {
  const rows: TraceRow[] = [];
  let members: LoggedTraceEvent[] = [];
  const flush = (): void => {
    if (members.length > 0) rows.push({ row: 'fold', members });
    members = [];
  };
  for (const event of trace) {
    const weight = weightOf(event);
    if (weight === 'quiet' && !proofs.has(event.seq)) members.push(event);
    else {
      flush();
      rows.push({ row: weight === 'verb' ? 'verb' : 'event', event });
    }
  }
  flush();
  return rows;
}

/** The beginning, the end, and the surroundings of each proof. */
function keptIndices(rows: readonly TraceRow[], proofs: ReadonlySet<number>, max: number): ReadonlySet<number> {
  const kept = new Set<number>();
  rows.forEach((row, index) => {
    if (row.row !== 'event' && row.row !== 'verb') return;
    if (!proofs.has(row.event.seq)) return;
    for (let near = index - AROUND_PROOF; near <= index + AROUND_PROOF; near++) kept.add(near);
  });
  const rest = Math.max(0, max - kept.size);
  const head = Math.ceil(rest / 2);
  for (let index = 0; index < head; index++) kept.add(index);
  for (let index = rows.length - (rest - head); index < rows.length; index++) kept.add(index);
  return kept;
}

function cutRows(rows: readonly TraceRow[], kept: ReadonlySet<number>): TraceRow[] {
  const result: TraceRow[] = [];
  let gap: TraceRow[] = [];
  const flush = (): void => {
    const [first] = gap;
    const last = gap.at(-1);
    if (gap.length === 1 && first) result.push(first);
    else if (first && last)
      result.push({ row: 'cut', count: gap.length, from: seqsOf(first).from, to: seqsOf(last).to });
    gap = [];
  };
  rows.forEach((row, index) => {
    if (!kept.has(index)) gap.push(row);
    else {
      flush();
      result.push(row);
    }
  });
  flush();
  return result;
}

/** `seq` of the first and the last event of a row. */
export function seqsOf(row: TraceRow): { readonly from: number; readonly to: number } {
  if (row.row === 'cut') return { from: row.from, to: row.to };
  if (row.row !== 'fold') return { from: row.event.seq, to: row.event.seq };
  return { from: row.members[0]?.seq ?? 0, to: row.members.at(-1)?.seq ?? 0 };
}
