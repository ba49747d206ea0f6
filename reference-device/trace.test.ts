import { describe, expect, it } from 'vitest';
import type { TracedDescriptor } from './trace-events.ts';
import { Trace } from './trace.ts';

const note = (says: string) => ({ kind: 'cut', says }) as const;

describe('a trace', () => {
  it('numbers its events from 0, goes on after a look, and begins again when it is restarted', () => {
    const trace = new Trace();
    trace.add(note('a'));
    trace.add(note('b'));
    expect(trace.take().map(({ seq }) => seq)).toEqual([0, 1]);
    trace.add(note('c'));
    expect(trace.take().map(({ seq }) => seq)).toEqual([2]);
    trace.restart();
    trace.add(note('d'));
    expect(trace.take().map(({ seq }) => seq)).toEqual([0]);
  });

  it('counts what it has no room for, and says so once', () => {
    const trace = new Trace(2);
    for (const says of ['a', 'b', 'c', 'd']) trace.add(note(says));
    expect(trace.take()).toEqual([
      { ...note('a'), seq: 0 },
      { ...note('b'), seq: 1 },
      { ...note('2 further events were not kept (limit 2)'), seq: 4 },
    ]);
    expect(trace.take()).toEqual([]);
  });

  it('does not make events that it has no room for', () => {
    const trace = new Trace(1);
    trace.add(note('a'));
    trace.addLazily(() => expect.unreachable());
    expect(trace.take()).toHaveLength(2);
  });

  it('has room for fewer events when they are large', () => {
    const descriptor: TracedDescriptor = { table: 'direct', index: 0, addr: 0n, len: 1, flags: 0, next: 0 };
    const descriptors = Array.from({ length: 32_768 }, () => descriptor);
    const trace = new Trace(50_000);
    for (let at = 0; at < 1000; at++) {
      trace.add({ kind: 'ring-break', device: 'd', queue: 0, reason: 'chain-loops', says: '', descriptors });
    }
    expect(trace.take().length).toBeLessThan(50);
  });
});
