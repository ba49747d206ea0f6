/** What every kind of torture is made of. */
import type { Lots } from '../../harness/explore/lots.ts';

export interface Torture {
  readonly name: string;
  /** One in so many of all inputs: those that are dear get fewer. */
  readonly share: number;
  /** Gives `count` inputs, and tells of each that did harm. */
  readonly torture: (count: number, lots: Lots, tell: (failure: string) => void) => Promise<void>;
}

/** Tokens that mean something to one reader or another. */
const TELLING = [
  '',
  '\0',
  '\n',
  '\r\n',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  '---',
  '...',
  '- ',
  ': ',
  ',',
  '#',
  '&a',
  '*a',
  '!x',
  '\u001b[2J',
  '::',
  '##[',
  '<script>',
  ']]>',
  '&amp;',
  '\u202e',
  '\ud800',
  '-1',
  '0',
  '1e400',
  '9007199254740993',
  '0x',
  '../..',
  '/dev/zero',
  'null',
  'true',
  '__proto__',
  'constructor',
  'ok 1 - ',
  'not ok 2',
  '1..9',
  'Bail out!',
] as const;

/** `text` with a few changes: pieces lost, doubled or moved, and tokens put in. */
export function mutated(text: string, lots: Lots): string {
  let changed = text;
  for (let count = 1 + lots.below(4); count > 0; count--) {
    const at = lots.below(changed.length + 1);
    const end = Math.min(changed.length, at + lots.below(lots.once(5) ? changed.length + 1 : 12));
    const [before, piece, behind] = [changed.slice(0, at), changed.slice(at, end), changed.slice(end)];
    const token = lots.of(TELLING);
    changed = lots.of([
      () => before + behind,
      () => before + piece + piece + behind,
      () => behind + piece + before,
      () => before + token + piece + behind,
      () => before + token + behind,
      () => before + token.repeat(1 + lots.below(2000)) + behind,
    ])();
  }
  return changed;
}

/** What an error that nobody meant says first. */
export const firstLine = (error: unknown): string =>
  String(error instanceof Error ? (error.stack ?? error.message) : error)
    .split('\n', 2)
    .join(' ');
