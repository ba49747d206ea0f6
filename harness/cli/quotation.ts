/** The sentences of the specification behind a requirement, read from a checkout of its sources that the user names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, HarnessError } from '../harness-error.ts';
import { reasonOf } from '../../reports/words/system-reason.ts';

/** What ends a paragraph: an empty line, an item, an environment, a heading. */
const BOUNDARY =
  /^\s*$|^\s*\\(?:begin|end)\b|^\\(?:chapter|(?:sub)*section|(?:sub)?paragraph|drivernormative|devicenormative)\b/;
const ITEM = /^\s*\\item\b/;

/**
 * The sentences that `line`, counted from 1, of a LaTeX text is part of, without markup; those with the keyword if any has it.
 * Empty for a line without text.
 */
export function sentencesAt(text: string, line: number, keyword: string): string {
  const lines = text.replace(/(?<!\\)%.*$/gm, '').split('\n');
  const at = line - 1;
  let first = at;
  while (first > 0 && !ITEM.test(lines[first] ?? '') && !BOUNDARY.test(lines[first - 1] ?? '')) first--;
  let last = at;
  while (last + 1 < lines.length && !ITEM.test(lines[last + 1] ?? '') && !BOUNDARY.test(lines[last + 1] ?? '')) last++;
  const before = plain(lines.slice(first, at).join('\n'));
  const here = plain(lines[at] ?? '');
  const whole = plain(lines.slice(first, last + 1).join('\n'));
  const from = before === '' ? 0 : before.length + 1;
  let end = 0;
  const sentences = (whole.match(/.+?(?:\.(?=\s+[A-Z“]|$)|$)/gs) ?? [])
    .map((sentence) => ({ sentence: sentence.trim(), start: end, end: (end += sentence.length) }))
    .filter((it) => it.sentence !== '' && it.start < from + here.length && it.end > from)
    .map(({ sentence }) => sentence);
  const strict = sentences.filter((sentence) => sentence.includes(keyword));
  return (strict.length > 0 ? strict : sentences).join(' ');
}

/** LaTeX as text on one line. */
const plain = (latex: string): string =>
  latex
    .replace(/~?\\(?:label|nameref)\{[^{}]*\}/g, '')
    .replace(/\\ref\{([^{}]*)\}/g, (_, label: string) => `“${label.split(' / ').at(-1)}”`)
    .replace(/\\(?:field|texttt|emph|textbf|textit)\{([^{}]*)\}/g, '$1')
    .replace(/\\item\b/g, '')
    .replace(/\\([_#$%&{}])/g, '$1')
    .replace(/~/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** The words that `source` (`file.tex:line`) refers to in the checkout in `folder`. Throws a `HarnessError` if they are not there. */
export function quotation(folder: string, source: string, keyword: string): string {
  const [file = '', line = ''] = source.split(':');
  let text: string;
  try {
    text = readFileSync(join(folder, file), 'utf8');
  } catch (cause) {
    throw new HarnessError(
      `${folder} is no checkout of the virtio specification: ${file} cannot be read, ${reasonOf(cause)}.`,
      {
        exitCode: EXIT.usage,
        hint: 'git clone --branch v1.4-cs01 https://github.com/oasis-tcs/virtio-spec',
      },
    );
  }
  const words = sentencesAt(text, Number(line), keyword);
  if (words !== '') return words;
  throw new HarnessError(`${join(folder, file)} has no text on line ${line}; it is not that of the tag v1.4-cs01.`, {
    exitCode: EXIT.usage,
  });
}
