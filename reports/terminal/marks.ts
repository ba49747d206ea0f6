import type { Outcome } from '../run-view.ts';
import type { Paint } from './layout.ts';

interface Mark {
  readonly glyph: string;
  readonly format: Parameters<Paint>[0];
}

/** Each outcome has a sign of its own, so that nothing depends on colour. */
export const MARKS: Readonly<Record<Outcome, Mark>> = {
  error: { glyph: '‼', format: ['magenta', 'bold'] },
  fail: { glyph: '✗', format: ['red', 'bold'] },
  unfinished: { glyph: '…', format: ['magenta'] },
  warn: { glyph: '!', format: ['yellow'] },
  untested: { glyph: '?', format: ['cyan'] },
  expected: { glyph: '≈', format: ['blue'] },
  pass: { glyph: '✓', format: ['green'] },
  'not-applicable': { glyph: '–', format: ['gray'] },
};
