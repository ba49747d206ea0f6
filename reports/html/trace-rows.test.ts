import { describe, expect, it } from 'vitest';
import { mapTrace, seqOf } from '../fixtures/map-trace.ts';
import { seqsOf, traceRows } from './trace-rows.ts';

const none = new Set<number>();

describe('the rows of a trace', () => {
  it('fold quiet events that follow each other, and nothing else', () => {
    const trace = mapTrace();
    const folds = traceRows(trace, none, 1000).flatMap((row) => (row.row === 'fold' ? [row.members] : []));
    expect(folds[0]?.map(({ event }) => event.kind.split('-')[0])).toEqual(Array.from({ length: 7 }, () => 'register'));
    expect(folds.every((members) => members.length > 1)).toBe(true);
  });

  it('hold every event once and in order if nothing is cut', () => {
    const trace = mapTrace('0x1fff', 3);
    const seqs = traceRows(trace, none, 1000).flatMap((row) => {
      if (row.row === 'cut') return [];
      return row.row === 'fold' ? row.members.map(({ event }) => event.seq) : [row.event.seq];
    });
    expect(seqs).toEqual(trace.map(({ seq }) => seq));
  });

  it('keep a quiet event out of the fold if it proves something', () => {
    const trace = mapTrace();
    const proof = seqOf(trace, 'chain');
    expect(
      traceRows(trace, new Set([proof]), 1000).filter((row) => row.row === 'event' && row.event.seq === proof),
    ).toHaveLength(1);
  });

  it('are cut in the middle, but never at a proof or beside it', () => {
    const trace = mapTrace('0x1fff', 60);
    const proof = trace.find(({ kind, seq }) => kind === 'dma' && seq > 300)?.seq ?? -1;
    const rows = traceRows(trace, new Set([proof]), 21);
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
    const rows = traceRows(mapTrace('0x1fff', 60), none, 20);
    for (let index = 1; index < rows.length; index++) {
      expect(seqsOf(rows[index]!).from).toBe(seqsOf(rows[index - 1]!).to + 1);
    }
  });

  it('may be none at all', () => {
    expect(traceRows(mapTrace(), none, 0)).toMatchObject([{ row: 'cut' }]);
    expect(traceRows([], none, 10)).toEqual([]);
  });
});
