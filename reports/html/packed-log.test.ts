import { describe, expect, it } from 'vitest';
import { cutRun, largeRun, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { HOSTILE, hostileRun } from '../fixtures/hostile-run.ts';
import { packed, UnpackedLog } from './packed-log.ts';

/** As a log holds it: without what is undefined. */
const logged = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a packed log', () => {
  it.each([
    ['a run', syntheticRun()],
    ['a cut run', cutRun()],
    ['an empty run', runOf([])],
  ])('gives back %s', (_what, run) => {
    expect(logged(new UnpackedLog(packed(run)).run())).toEqual(logged(run));
  });

  it('keeps what it can of an event that is nested deeper than any stack', () => {
    const [first] = new UnpackedLog(packed(hostileRun())).record(0).trace;
    expect(first).toMatchObject({ kind: HOSTILE, seq: 0, says: 'nested too deeply to be shown' });
  });

  it('holds each distinct event once', () => {
    expect(packed(largeRun(100)).length).toBeLessThan(packed(largeRun(1)).length + 100 * 3000);
  });

  it('keeps the numbers of events that do not begin with 0', () => {
    const run = syntheticRun();
    const [first] = run.cases;
    const later = { ...first!, trace: first!.trace.slice(5) };
    expect(new UnpackedLog(packed({ ...run, cases: [later] })).record(0).trace[0]?.seq).toBe(later.trace[0]?.seq);
  });
});
