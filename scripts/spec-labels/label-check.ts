/** Compares the tables of requirements with the normative blocks of a checkout of the specification. */
import type { RequirementText } from '../../cases/requirements/row.ts';
import { type Keyword, KEYWORDS, type NormativeBlock } from './normative-blocks.ts';

/** A row as far as it says where it comes from. */
export type LabelledRow = Pick<RequirementText, 'keyword' | 'label'> & { readonly id: string };

/** What a checkout of the specification says. */
export interface Checkout {
  readonly blocks: readonly NormativeBlock[];
  /** Labels of everything else. */
  readonly plainLabels: readonly string[];
}

export interface LostLabel {
  readonly label: string;
  /** Rows that stand under it in our tables. */
  readonly ids: readonly string[];
}

/** A keyword of a block that stands there another number of times than our tables have rows for it. */
export interface CountDifference {
  readonly block: NormativeBlock;
  readonly keyword: Keyword;
  /** Lines on which it stands. */
  readonly lines: readonly number[];
  readonly rowCount: number;
}

export interface LabelCheck {
  readonly lost: readonly LostLabel[];
  /** More statements than rows: some have none. */
  readonly withoutRow: readonly CountDifference[];
  /** More rows than statements: some are older or newer than this checkout, or one sentence was taken apart. */
  readonly surplus: readonly CountDifference[];
}

/** Only blocks that `isOurs` are asked for rows. Labels are compared as they are written. */
export function checkLabels(
  rows: readonly LabelledRow[],
  { blocks, plainLabels }: Checkout,
  isOurs: (label: string) => boolean,
): LabelCheck {
  const known = new Set([...blocks.map(({ label }) => label), ...plainLabels]);
  const labels = [...new Set(rows.flatMap(({ label }) => label ?? []))];
  const lost = labels
    .filter((label) => !known.has(label))
    .map((label) => ({ label, ids: rows.filter((row) => row.label === label).map(({ id }) => id) }));
  const differences = blocks
    .filter(({ label }) => isOurs(label))
    .flatMap((block) => KEYWORDS.map((keyword) => differenceIn(block, keyword, rows)));
  return {
    lost,
    withoutRow: differences.filter(({ lines, rowCount }) => lines.length > rowCount),
    surplus: differences.filter(({ lines, rowCount }) => lines.length < rowCount),
  };
}

function differenceIn(block: NormativeBlock, keyword: Keyword, rows: readonly LabelledRow[]): CountDifference {
  return {
    block,
    keyword,
    lines: block.statements.filter((statement) => statement.keyword === keyword).map(({ line }) => line),
    rowCount: rows.filter((row) => row.label === block.label && row.keyword === keyword).length,
  };
}
