/** A comparison in Markdown, for the page of a CI job or a pull request. */
import { alikeChanges, CHANGES, type Comparison } from '../comparison.ts';
import { code, table, words } from '../markdown/markdown.ts';
import { DENOMINATOR_NAMES } from '../run-view.ts';
import { obligationWord } from '../words/obligation.ts';
import {
  caseStandingWords,
  CHANGE_WORDS,
  conclusionOfComparison,
  nameOfRun,
  REQUIREMENT_STANDING_WORDS,
  scoreRows,
} from './comparison-words.ts';

/** Rows of a table; GitHub takes 1 MiB of a step. */
const ROWS_MAX = 100;

/** The comparison, ending with a line feed. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { before, after, differences, gaps, cases, requirements } = comparison;
  const blocks = [
    `## ${words(conclusionOfComparison(comparison))}`,
    ...gaps.map((gap) => `❌ **${words(gap)}**`),
    `Before: ${words(nameOfRun(before))}. After: ${words(nameOfRun(after))}.`,
    table(['score', ...DENOMINATOR_NAMES], scoreRows(comparison)),
    ...(differences.length === 0
      ? []
      : [
          table(
            ['the runs differ in', 'before', 'after'],
            differences.map((it) => [it.name, words(it.before), words(it.after)]),
          ),
        ]),
    ...CHANGES.flatMap((change) => {
      const members = cases.filter((it) => it.change === change);
      const rows = alikeChanges(members).map(({ first, others }) => [
        code(first.id),
        String(others.length + 1),
        caseStandingWords(first.before),
        caseStandingWords(first.after),
        words(first.says),
      ]);
      const head = ['first variant', 'variants', 'before', 'after', 'says'];
      return titled(`${CHANGE_WORDS[change]} (${members.length})`, head, rows);
    }),
    ...titled(
      `requirements (${requirements.length})`,
      ['requirement', 'kind', 'before', 'after'],
      requirements.map((it) => [
        code(it.row.id),
        obligationWord(it.row),
        REQUIREMENT_STANDING_WORDS[it.before],
        REQUIREMENT_STANDING_WORDS[it.after],
      ]),
    ),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function titled(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const more = rows.length > ROWS_MAX ? [`and ${rows.length - ROWS_MAX} more`] : [];
  return [`### ${title}`, table(head, rows.slice(0, ROWS_MAX)), ...more];
}
