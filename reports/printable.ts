/** Makes text from outside fit to be shown: a driver's log or name may hold anything. */

/** Characters that reorder or hide what stands around them, and lone halves of surrogate pairs. */
const MISLEADING = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]|\p{Cs}/gu;

/** What replaces a character that cannot be shown. */
const REPLACEMENT = '\ufffd';

/**
 * `text` with line feeds and tabs as they are, every other control character as its picture (`␛`), and misleading
 * characters replaced. The result is valid in HTML, in XML 1.0 and on a terminal.
 */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : replaced(text);
}

/** What nearly all text is; reports show megabytes of it. */
const PLAIN = /^[ -~\n\t]*$/;

function replaced(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/\p{Cc}/gu, pictureOf)
    .replace(MISLEADING, REPLACEMENT);
}

/** Unicode has a picture for each control character of ASCII, in the same order. */
function pictureOf(control: string): string {
  if (control === '\n' || control === '\t') return control;
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : REPLACEMENT;
}

/** `printable` on a single line: runs of white space become one space. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/gu, ' ').trim();
}

/** At most `max` characters of `text`; what was cut is told. */
export function clipped(text: string, max: number): string {
  if (text.length <= max) return text;
  const until = isWithinPair(text, max) ? max - 1 : max;
  return `${text.slice(0, until)}… (${text.length - until} more characters)`;
}

/** Whether a cut at `index` would halve a surrogate pair. */
const isWithinPair = (text: string, index: number): boolean =>
  /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(index - 1, index + 1));

/** The last `max` characters of `text`, from the beginning of a line if possible; what was cut is told. */
export function tailOf(text: string, max: number): string {
  if (text.length <= max) return text;
  const from = text.length - max;
  const feed = text.indexOf('\n', from - 1);
  const inside = isWithinPair(text, from) ? from + 1 : from;
  const start = feed >= 0 && feed < from + max / 2 ? feed + 1 : inside;
  return `(${start} earlier characters are left out)\n${text.slice(start)}`;
}
