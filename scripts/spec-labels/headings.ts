/**
 * The headings of the specification in their order, as TeX4ht counts them for the anchors of the published HTML edition: a
 * heading's anchor is `x1-`, its place among all headings, `000` and the last number of its section. The title page has the
 * first place.
 */
import { withoutComments } from './normative-blocks.ts';

export interface Heading {
  /** `5.13.6.5.1`; undefined for what has no number, and in appendices. */
  readonly section: string | undefined;
  readonly anchor: string;
}

const LEVELS = ['chapter', 'section', 'subsection', 'subsubsection', 'paragraph', 'subparagraph'];
const NAMES = LEVELS.join('|');
const HEADING = new RegExp(
  String.raw`\\(?:(?:driver|device)normative\s*\{\\(${NAMES})\}|conformance\s*\{\\(${NAMES})\}|(${NAMES})(\*?)\s*[[{]|(appendix)\b)`,
  'g',
);
const INPUT = /\\input\s*\{([^{}]*)\}/g;

/**
 * @param main the file that takes in all others
 * @param read the text of a file by its name, with or without `.tex`; undefined for one that is not there
 */
export function headingsOf(main: string, read: (name: string) => string | undefined): Heading[] {
  const numbers = LEVELS.map(() => 0);
  const headings: Heading[] = [];
  let inAppendix = false;
  for (const [, normative, clause, plain, star, appendix] of wholeText(main, read, new Set()).matchAll(HEADING)) {
    const name = normative ?? clause ?? plain;
    if (appendix !== undefined) inAppendix = true;
    if (name === undefined) continue;
    const level = LEVELS.indexOf(name);
    const isNumbered = star !== '*' && !inAppendix;
    if (isNumbered)
      numbers.splice(level, LEVELS.length, (numbers[level] ?? 0) + 1, ...LEVELS.slice(level + 1).map(() => 0));
    headings.push({
      section: isNumbered ? numbers.slice(0, level + 1).join('.') : undefined,
      anchor: `x1-${headings.length + 2}000${numbers[level]}`,
    });
  }
  return headings;
}

function wholeText(name: string, read: (name: string) => string | undefined, around: ReadonlySet<string>): string {
  if (around.has(name)) return '';
  const inside = new Set([...around, name]);
  return withoutComments(read(name) ?? '').replace(INPUT, (_, file: string) => wholeText(file.trim(), read, inside));
}

/** Anchors of the edition of virtio 1.4 that others have published links to: what is counted has to meet them. */
const PUBLISHED: Readonly<Record<string, string>> = {
  '5.1': 'x1-2700001',
  '5.1.6': 'x1-2810006',
  '5.4': 'x1-4130004',
  '5.5': 'x1-4220005',
  '5.6': 'x1-4510006',
  '5.7': 'x1-4730007',
  '5.23': 'x1-86300023',
};

/** The sections whose counted anchor is not the published one; none for the sources of virtio 1.4. */
export const strayAnchors = (headings: readonly Heading[]): string[] =>
  Object.entries(PUBLISHED)
    .filter(([section, anchor]) => headings.find((heading) => heading.section === section)?.anchor !== anchor)
    .map(([section]) => section);
