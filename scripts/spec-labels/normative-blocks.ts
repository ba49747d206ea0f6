/** The blocks of normative statements in the specification's LaTeX sources. */

export const KEYWORDS = ['MUST NOT', 'MUST', 'SHOULD NOT', 'SHOULD'] as const;
export type Keyword = (typeof KEYWORDS)[number];

export interface Statement {
  readonly keyword: Keyword;
  /** Line in the file, from 1 on. */
  readonly line: number;
}

/** What stands under one heading of normative statements. */
export interface NormativeBlock {
  /** `drivernormative:Device Types / IOMMU Device / Feature bits` */
  readonly label: string;
  readonly file: string;
  /** Of the heading. */
  readonly line: number;
  readonly statements: readonly Statement[];
}

/** One pair of braces, and what is in it, which may have pairs of its own. */
const GROUP = String.raw`\{((?:[^{}]|\{[^{}]*\})*)\}`;
const HEADING = new RegExp(
  String.raw`\\(?:(driver|device)normative\s*${GROUP}\s*${GROUP}\s*${GROUP}|` +
    String.raw`(?:chapter|section|subsection|subsubsection|paragraph|subparagraph)\*?\s*\{)`,
  'g',
);
const KEYWORD = /\b(MUST|SHOULD)\s+(NOT|not)\b|\b(MUST|SHOULD)\b/g;

/** The blocks of one file, in their order; a block ends at the next heading of any kind. */
export function normativeBlocks(text: string, file: string): NormativeBlock[] {
  const source = withoutComments(text);
  const headings = [...source.matchAll(HEADING)];
  return headings.flatMap((heading, index): NormativeBlock[] => {
    const [whole, party, , , label] = heading;
    if (party === undefined || label === undefined) return [];
    const from = heading.index + whole.length;
    const until = headings[index + 1]?.index ?? source.length;
    return [
      {
        label: `${party}normative:${oneLine(label)}`,
        file,
        line: lineAt(source, heading.index),
        statements: statementsIn(source, from, until),
      },
    ];
  });
}

/** Labels of headings that are no normative blocks; the tables name them for statements that stand in prose. */
export const plainLabels = (text: string): string[] =>
  [...withoutComments(text).matchAll(/\\label\s*\{([^{}]*)\}/g)].map((match) => oneLine(match[1] ?? ''));

const oneLine = (label: string): string => label.replace(/\s+/g, ' ').trim();

function statementsIn(source: string, from: number, until: number): Statement[] {
  return [...source.slice(from, until).matchAll(KEYWORD)].map((match) => ({
    keyword: `${match[1] ?? match[3]}${match[2] === undefined ? '' : ' NOT'}` as Keyword,
    line: lineAt(source, from + match.index),
  }));
}

const lineAt = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;

/** Comments become blanks, so that lines keep their numbers; a percent sign that is meant is escaped. */
export const withoutComments = (text: string): string => text.replace(/(?<!\\)%.*$/gm, '');
