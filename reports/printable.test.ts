import { describe, expect, it } from 'vitest';
import { clipped, oneLine, printable, tailOf } from './printable.ts';

describe('text from outside', () => {
  it('shows control characters as their pictures and keeps line feeds and tabs', () => {
    expect(printable('a\u001b[31m\0\u007f\tb\r\nc\rd')).toBe('a␛[31m␀␡\tb\nc␍d');
  });

  it('loses what reorders, hides or is half a character', () => {
    expect(printable('\u202ex\u200b\ud800y\udc00\u0085\ufeff')).toBe('�x��y���');
  });

  it('keeps every other character', () => {
    expect(printable('größer → 😀 <&>')).toBe('größer → 😀 <&>');
  });

  it('fits on a line if asked to', () => {
    expect(oneLine('  a\n\tb \u2028 c ')).toBe('a b c');
  });

  it('is cut with a word about it, and never within a character', () => {
    expect(clipped('abc', 3)).toBe('abc');
    expect(clipped('abcd', 3)).toBe('abc… (1 more characters)');
    expect(clipped('ab😀d', 3)).toBe('ab… (3 more characters)');
  });

  it('loses its beginning at the beginning of a line if one is near, and never within a character', () => {
    expect(tailOf('one\ntwo\nthree', 9)).toBe('(4 earlier characters are left out)\ntwo\nthree');
    expect(tailOf('one\ntwo\nthree', 8)).toBe('(8 earlier characters are left out)\nthree');
    expect(tailOf('a😀bcd', 4)).toBe('(3 earlier characters are left out)\nbcd');
  });
});
