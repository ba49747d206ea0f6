/** A comparison for the terminal. */
import {
  type AlikeChanges,
  alikeChanges,
  type CaseChange,
  CHANGES,
  type Comparison,
  type RequirementChange,
} from '../comparison.ts';
import { clipped, oneLine } from '../printable.ts';
import { DENOMINATOR_NAMES } from '../run-view.ts';
import { painter, type Paint, wrapped } from '../terminal/layout.ts';
import { obligationWord } from '../words/obligation.ts';
import {
  caseStandingWords,
  CHANGE_WORDS,
  conclusionOfComparison,
  nameOfRun,
  REQUIREMENT_STANDING_WORDS,
  sameIn,
  scoreRows,
} from './comparison-words.ts';

export interface TextOptions {
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** What of one kind is listed; the pages have it all. */
const LISTED_MAX = 25;
const TEXT_MAX = 400;

interface Page extends TextOptions {
  readonly paint: Paint;
}

/** The comparison, ending with a line feed. */
export function comparisonText(comparison: Comparison, options: TextOptions): string {
  const page: Page = { ...options, width: Math.max(40, options.width), paint: painter(options.colour) };
  const { before, after, differences, gaps } = comparison;
  const blocks = [
    [`before: ${text(nameOfRun(before))}`, `after:  ${text(nameOfRun(after))}`],
    ...(differences.length === 0
      ? []
      : [
          [
            page.paint('bold', 'THE RUNS DIFFER'),
            ...differences.flatMap((it) => lines(page, `${it.name}: ${it.before} → ${it.after}`)),
          ],
        ]),
    ...CHANGES.flatMap((change) => caseBlock(page, comparison, change)),
    ...requirementBlock(page, comparison.requirements),
    scoreRows(comparison).map(scoreLine),
    ...(gaps.length === 0 ? [] : [gaps.flatMap((gap) => wrapped(text(gap), page.width))]),
    wrapped(conclusionOfComparison(comparison), page.width).map((line) => page.paint('bold', line)),
  ];
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);

const lines = ({ width }: Page, value: string): string[] => wrapped(text(value), width, 2);

function caseBlock(page: Page, { cases }: Comparison, change: CaseChange['change']): string[][] {
  const members = cases.filter((it) => it.change === change);
  if (members.length === 0) return [];
  const groups = alikeChanges(members);
  return [
    [
      page.paint('bold', `${CHANGE_WORDS[change].toUpperCase()} (${members.length})`),
      ...groups.slice(0, LISTED_MAX).flatMap((group) => caseLines(page, group)),
      ...more(groups),
    ],
  ];
}

function caseLines(page: Page, { first, others }: AlikeChanges): string[] {
  const { id, change, before, after, broken, mended, says, repeat } = first;
  const isNews = change === 'new-failure' || change === 'new-warning';
  return [
    ...lines(page, `${id}: ${caseStandingWords(before)} → ${caseStandingWords(after)}`),
    ...(isNews ? wrapped(text(says), page.width, 4) : []),
    ...(broken.length > 0 ? wrapped(text(`now broken: ${broken.join(', ')}`), page.width, 4) : []),
    ...(mended.length > 0 ? wrapped(text(`no longer broken: ${mended.join(', ')}`), page.width, 4) : []),
    // A command is never wrapped, so that it can be copied.
    ...(isNews && repeat !== undefined ? [`    $ ${text(repeat)}`] : []),
    ...(others.length > 0 ? wrapped(text(sameIn(others)), page.width, 4) : []),
  ];
}

function requirementBlock(page: Page, changes: readonly RequirementChange[]): string[][] {
  if (changes.length === 0) return [];
  return [
    [
      page.paint('bold', `REQUIREMENTS (${changes.length})`),
      ...changes
        .slice(0, LISTED_MAX)
        .flatMap(({ row, before, after }) =>
          lines(
            page,
            `${obligationWord(row)} ${row.id}: ${REQUIREMENT_STANDING_WORDS[before]} → ${REQUIREMENT_STANDING_WORDS[after]}`,
          ),
        ),
      ...more(changes),
    ],
  ];
}

const more = (members: readonly unknown[]): string[] =>
  members.length > LISTED_MAX
    ? [`  … and ${members.length - LISTED_MAX} more; --out writes pages with all of them.`]
    : [];

function scoreLine([name = '', ...numbers]: readonly string[]): string {
  return `${name.padEnd(9)}${numbers.map((number, index) => `${number} ${DENOMINATOR_NAMES[index]}`).join(', ')}`;
}
