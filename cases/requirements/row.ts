import type { Condition } from './conditions.ts';

/**
 * First version of the specification that says something: a published one, `draft` for what is proposed for a later one, or
 * `never` for an experiment, which counts in no score.
 */
export const VERSIONS = ['1.0', '1.1', '1.2', '1.3', '1.4', 'draft', 'never'] as const;
export type Version = (typeof VERSIONS)[number];

type Keyword = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';

/** One normative statement about a driver. */
export interface RequirementText {
  readonly keyword: Keyword;
  readonly section: string;
  readonly since: Version;
  /**
   * First version of the specification whose scores count the row, if they have not done so ever since: what is added to the
   * tables later changes no score of an older version.
   */
  readonly scoredFrom?: Exclude<Version, '1.0' | '1.1' | 'never'>;
  /** What has to be so of driver, machine and negotiation for the row to bind; see `conditions.ts`. Always, if left out. */
  readonly when?: readonly Condition[];
  /** Label of the normative block in the specification's source. */
  readonly label?: string;
  /** File and line of the statement, or the document it comes from. */
  readonly source?: string;
  /** The statement in our words. */
  readonly says: string;
  /** Why nobody can judge it from outside. A row without this is to be judged by a case or a monitor. */
  readonly notTestable?: string;
}

/** What a row need not say itself, since its table or its block says it of all rows. */
type Shared = Partial<Omit<RequirementText, 'keyword' | 'says'>>;

/** The statement in our words, under its keyword. */
type Statement = {
  [K in Keyword]: Readonly<Record<K, string>> & { readonly [O in Exclude<Keyword, K>]?: never };
}[Keyword];

/** A row as it stands in a table. `line` is one of the file `source`. */
type Row = Statement & Shared & { readonly line?: number };

/** Rows that stand together in the specification, under one label or at least in one section. */
type Block<Id extends string> = Shared &
  (
    | { readonly section: string; readonly rows: Readonly<Record<Id, Row>> }
    | { readonly rows: Readonly<Record<Id, Row & { readonly section: string }>> }
  );

export const KEYWORDS: readonly Keyword[] = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT'];

/** A row with what its table and its block say of it. */
type WholeRow = Row & Pick<RequirementText, 'section' | 'since'>;

function textOf({ line, ...row }: WholeRow): RequirementText {
  const { section, since, scoredFrom, when, label, notTestable } = row;
  const source = line === undefined ? row.source : `${row.source}:${line}`;
  const keyword = KEYWORDS.find((name) => row[name] !== undefined) ?? 'MUST';
  const optional = { scoredFrom, when, label, source, notTestable };
  return {
    keyword,
    section,
    since,
    says: row[keyword] ?? '',
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** Makes the blocks of a table of which all rows share what `table` says. */
export const blocksOf =
  (table: Shared & Pick<RequirementText, 'since'>) =>
  <Id extends string>({ rows, ...block }: Block<Id>): Readonly<Record<Id, RequirementText>> => {
    const whole = Object.entries<Row>(rows).map(([id, row]) => [
      id,
      textOf({ ...table, ...block, ...row } as WholeRow),
    ]);
    return Object.fromEntries(whole) as Record<Id, RequirementText>;
  };
