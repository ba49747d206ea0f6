import { describe, expect, it } from 'vitest';
import { mapTrace, seqOf } from '../fixtures/map-trace.ts';
import { weightOf } from './event-weight.ts';
import { type RowChoice, seqsOf, traceRows } from './trace-rows.ts';

const choice = (more: Partial<RowChoice> = {}): RowChoice => ({ proofs: new Set(), max: 1000, ...more });

describe('the rows of a trace', () => {
  it('fold quiet events that follow each other, and nothing else', () => {
    const trace = mapTrace();
    const folds = traceRows(trace, choice()).flatMap((row) => (row.row === 'fold' ? [row.members] : []));
    expect(folds.at(1)?.map(({ kind }) => kind.split('-')[0])).toEqual(Array.from({ length: 7 }, () => 'register'));
    expect(folds.flat().every((event) => weightOf(event) === 'quiet')).toBe(true);
  });

  it('hold every event once and in order if nothing is cut', () => {
    const trace = mapTrace('0x1fff', 3);
    const seqs = traceRows(trace, choice()).flatMap((row) => {
      if (row.row === 'cut') return [];
      return row.row === 'fold' ? row.members.map(({ seq }) => seq) : [row.event.seq];
    });
    expect(seqs).toEqual(trace.map(({ seq }) => seq));
  });

  it('keep a quiet event out of the fold if it proves something', () => {
    const trace = mapTrace();
    const proof = seqOf(trace, 'chain');
    expect(
      traceRows(trace, choice({ proofs: new Set([proof]) })).filter(
        (row) => row.row === 'event' && row.event.seq === proof,
      ),
    ).toHaveLength(1);
  });

  it('are cut in the middle, but never at a proof or beside it', () => {
    const trace = mapTrace('0x1fff', 60);
    const proof = trace.find(({ kind, seq }) => kind === 'dma' && seq > 300)?.seq ?? -1;
    const rows = traceRows(trace, choice({ proofs: new Set([proof]), max: 21 }));
    const at = rows.findIndex((row) => row.row === 'event' && row.event.seq === proof);
    expect(rows.slice(at - 3, at + 4).map(({ row }) => row)).toEqual([
      'cut',
      'event',
      'event',
      'event',
      'event',
      'event',
      'cut',
    ]);
    expect(rows).toHaveLength(23);
    expect(seqsOf(rows[0]!).from).toBe(0);
    expect(seqsOf(rows.at(-1)!).to).toBe(trace.at(-1)?.seq);
  });

  it('account for everything between them in what a cut says', () => {
    const rows = traceRows(mapTrace('0x1fff', 60), choice({ max: 20 }));
    for (let index = 1; index < rows.length; index++) {
      expect(seqsOf(rows[index]!).from).toBe(seqsOf(rows[index - 1]!).to + 1);
    }
  });

  it('may be none at all', () => {
    expect(traceRows(mapTrace(), choice({ max: 0 }))).toMatchObject([{ row: 'cut' }]);
    expect(traceRows([], choice({ max: 10 }))).toEqual([]);
  });
});
