/**
 * The text of cases/requirements/sets.ts: which requirements each version of the specification is scored by. What is
 * recorded stays as it is, so that no score of a version changes its denominators; a row that is new in the tables is
 * added to the newest version.
 */
import { REQUIREMENTS, type Requirement } from '../cases/requirements/index.ts';
import { ADDED } from '../cases/requirements/sets.ts';

export const SETS = 'cases/requirements/sets.ts';

type Recorded = Readonly<Record<string, readonly string[]>>;

/** `recorded`, ids by version, the newest last; with those that can be judged and are not in it yet. */
export function completed(recorded: Recorded, rows: readonly Requirement[]): Recorded {
  const known = new Set(Object.values(recorded).flat());
  const added = rows.filter((row) => counts(row) && !known.has(row.id)).map(({ id }) => id);
  const newest = Object.keys(recorded).at(-1) ?? '';
  return { ...recorded, [newest]: [...(recorded[newest] ?? []), ...added].toSorted() };
}

/** Whether anything can be scored by the row: what is experimental belongs to no version. */
const counts = ({ notTestable, since }: Requirement): boolean => notTestable === undefined && since !== 'never';

/** The text of the file for the tables as they are now. */
export function setsText(): string {
  return [
    '/**',
    ' * Written by scripts/gen-requirement-sets.ts: the requirements that each version of the specification added to those',
    ' * by which drivers are scored. Do not edit.',
    ' */',
    "import type { RequirementId } from './index.ts';",
    '',
    'export const ADDED = {',
    ...Object.entries(completed(ADDED, REQUIREMENTS)).flatMap(([revision, ids]) => [
      `  '${revision}': [`,
      ...ids.map((id) => `    '${id}',`),
      '  ],',
    ]),
    '} as const satisfies Readonly<Record<string, readonly RequirementId[]>>;',
    '',
  ].join('\n');
}
