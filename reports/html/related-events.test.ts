import { expect, it } from 'vitest';
import { mapTrace, seqOf } from '../fixtures/map-trace.ts';
import { relatedEvents } from './related-events.ts';

const trace = mapTrace();
const related = relatedEvents(trace);
const of = (seq: number, words: string): readonly number[] =>
  related.get(seq)?.find((it) => it.words === words)?.seqs ?? [];

it('leads from a request to its answer and back', () => {
  const map = seqOf(trace, 'request', 'MAP');
  const answer = seqOf(trace, 'completion', 'MAP');
  expect(of(map, 'answer')).toEqual([answer]);
  expect(of(answer, 'request')).toEqual([map]);
});

it('leads from a mapping to later accesses of its addresses, and from these back', () => {
  const map = seqOf(trace, 'request', 'MAP');
  const accesses = of(map, 'later accesses');
  expect(accesses.length).toBeGreaterThan(0);
  expect(accesses.every((seq) => trace.find((event) => event.seq === seq)?.kind === 'dma' && seq > map)).toBe(true);
  expect(of(accesses[0]!, 'last request for the address')).toEqual([map]);
});

it('makes nothing of what an event should not hold', () => {
  const odd = [
    { kind: 'request', seq: 0, id: {}, fields: 7 },
    { kind: 'request', seq: 1, fields: { virt_start: 'x', virt_end: null } },
    { kind: 'completion', seq: 2 },
    { kind: 'dma', seq: 3, cause: 'harness', address: [] },
  ];
  expect(relatedEvents(odd).size).toBe(0);
});
