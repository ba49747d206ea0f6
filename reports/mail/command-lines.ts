/** Shell commands in narrow columns, where they still can be copied. */

/** A word of a shell, and what of it cannot be taken apart: an escaped character, something in quotes, a character. */
const WORD = /(?:\\.|'[^']*'|[^\s'\\]|'[^']*$|\\$)+/gsu;
const ATOM = /\\.|'[^']*'|'[^']*$|./gsu;

/** Continued lines are indented by so much more. */
const CONTINUED = 2;

/**
 * `command` in lines of at most `width` characters, of which each but the last one ends in a backslash. A word that is
 * too long for a line goes on at the beginning of the next one, as a shell wants it.
 */
export function commandLines(command: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let isEmpty = true;
  for (const word of command.match(WORD) ?? []) {
    if (!isEmpty && line.length + 1 + word.length > width - 2) {
      lines.push(`${line} \\`);
      line = ' '.repeat(indent + CONTINUED);
      isEmpty = true;
    }
    if (!isEmpty) line += ' ';
    for (const atom of atomsOf(word, width)) {
      if (line.length + atom.length > width - 2) {
        lines.push(`${line}\\`);
        line = '';
      }
      line += atom;
    }
    isEmpty = false;
  }
  return [...lines, line];
}

/** Quotes that are longer than a line are closed and opened again. */
function atomsOf(word: string, width: number): string[] {
  const room = Math.floor(width / 2);
  return (word.match(ATOM) ?? []).flatMap((atom) => {
    if (!atom.startsWith("'") || atom.length <= room) return [atom];
    const inside = atom.replace(/^'|'$/g, '');
    return (inside.match(new RegExp(`.{1,${room}}`, 'gsu')) ?? []).map((part) => `'${part}'`);
  });
}
