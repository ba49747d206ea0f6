import { describe, expect, it } from 'vitest';
import { LogRing } from './log-ring.ts';

describe('a log', () => {
  it('is taken once', () => {
    const ring = new LogRing();
    ring.append('one\n');
    ring.append(Buffer.from('two\n'));
    expect(ring.take()).toBe('one\ntwo\n');
    expect(ring.take()).toBe('');
  });

  it('keeps its end and says what it has lost', () => {
    const ring = new LogRing(10);
    for (let count = 0; count < 100; count++) ring.append('0123456789');
    expect(ring.take()).toBe('(990 earlier characters were not kept)\n0123456789');
  });

  it('has no control characters but newline and tab, and whole characters only', () => {
    const ring = new LogRing();
    const euro = Buffer.from('€');
    expect(ring.append('\u001b[2J\ta\r\nb\0')).toBe('\u{fffd}[2J\ta\nb\u{fffd}');
    expect(ring.append(euro.subarray(0, 1)) + ring.append(euro.subarray(1))).toBe('€');
  });

  it('knows its last line even when it was taken', () => {
    const ring = new LogRing();
    expect(ring.lastLine()).toBe('');
    ring.append('first\nlast words\n\n');
    expect(ring.lastLine()).toBe('last words');
    ring.take();
    expect(ring.lastLine()).toBe('last words');
  });
});
