/** Text in columns for a terminal of a given width. */
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Puts a format on text, or leaves the text alone. */
export type Paint = (format: Format, text: string) => string;

/** `styleText` decides by itself about NO_COLOR and the like; without `colour` nothing is painted at all. */
export function painter(colour: boolean): Paint {
  return colour ? (format, text) => styleText(format, text) : (_format, text) => text;
}

/** Narrowest text that is still worth wrapping. */
const WIDTH_MIN = 20;

/**
 * `text` in lines of at most `width` characters, broken at spaces and, within a word that is too long, anywhere.
 * Every line is indented by `indent` spaces, which count.
 */
export function wrapped(text: string, width: number, indent = 0): string[] {
  const room = Math.max(WIDTH_MIN, width - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => pieces(long, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((content) => ' '.repeat(indent) + content);
}

/** Whole characters: half of a surrogate pair is none. */
const pieces = (word: string, length: number): readonly string[] =>
  word.match(new RegExp(`.{1,${length}}`, 'gsu')) ?? [];

/** `text` behind `prefix`, as `wrapped` breaks it; further lines begin below it. */
export function hanging(prefix: string, text: string, width: number): string[] {
  const [first = '', ...rest] = wrapped(text, width, prefix.length);
  return [prefix + first.slice(prefix.length), ...rest];
}

/** `text` cut to `width` characters. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
