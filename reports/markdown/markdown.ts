/** Just enough Markdown, in GitHub's flavour, to write a page from words that come from outside. */
import { clipped, oneLine } from '../printable.ts';

const TEXT_MAX = 400;

/** Words in running text or a table's cell: no character in it means anything. */
export function words(text: string): string {
  return clipped(oneLine(text), TEXT_MAX)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]#|~@$>]|:(?=[\w+-]+:)/g, String.raw`\$&`);
}

/** A piece of code on one line. */
export function code(text: string): string {
  const line = clipped(oneLine(text), TEXT_MAX).replaceAll('|', String.raw`\|`) || ' ';
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  if (longest === 0) return `\`${line}\``;
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${line} ${fence}`;
}

/** A table; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
