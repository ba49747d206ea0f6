/** Which requirements of a revision are judged by a case or a monitor, which cannot be, and which still lack a judge. */
import type { Requirement } from '../../cases/requirements/index.ts';
import { belongsTo, type Revision } from '../scoring/requirement-set.ts';

/** What a requirement counts as: its keyword, or `implied` if the specification gives it none. */
export const CLASSES = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'implied'] as const;
export type RequirementClass = (typeof CLASSES)[number];

export interface CoverageCount {
  readonly judged: number;
  readonly notTestable: number;
  readonly missing: number;
}

export interface SectionCoverage {
  /** Number of the section, or the name of a subject outside the specification. */
  readonly section: string;
  readonly origin: Requirement['origin'];
  readonly count: CoverageCount;
  /** Rows that nobody can judge from outside, each with its reason in `notTestable`. */
  readonly notTestable: readonly Requirement[];
  /** Rows that could be judged and are not. */
  readonly missing: readonly Requirement[];
}

export interface Coverage {
  readonly revision: Revision;
  readonly classes: Readonly<Record<RequirementClass, CoverageCount>>;
  /** The specification's sections in the order of their numbers, then those of implied requirements. */
  readonly sections: readonly SectionCoverage[];
}

/** The coverage of `rows` as far as they belong to `revision`; `judged` holds the ids that something judges. */
export function coverageOf(rows: readonly Requirement[], judged: ReadonlySet<string>, revision: Revision): Coverage {
  const own = rows.filter((row) => belongsTo(row, revision));
  const classes = Object.fromEntries(
    CLASSES.map((name) => [
      name,
      countOf(
        own.filter((row) => classOf(row) === name),
        judged,
      ),
    ]),
  ) as Record<RequirementClass, CoverageCount>;
  const sections = (['virtio', 'implied'] as const).flatMap((origin) => {
    const here = own.filter((row) => row.origin === origin);
    const names = [...new Set(here.map(({ section }) => section))].toSorted(inOrderOfNumbers);
    return names.map((section): SectionCoverage => {
      const inside = here.filter((row) => row.section === section);
      return {
        section,
        origin,
        count: countOf(inside, judged),
        notTestable: inside.filter((row) => row.notTestable !== undefined),
        missing: inside.filter((row) => isMissing(row, judged)),
      };
    });
  });
  return { revision, classes, sections };
}

function classOf({ origin, keyword }: Requirement): RequirementClass {
  return origin === 'implied' ? 'implied' : keyword;
}

const isMissing = (row: Requirement, judged: ReadonlySet<string>): boolean =>
  row.notTestable === undefined && !judged.has(row.id);

function countOf(rows: readonly Requirement[], judged: ReadonlySet<string>): CoverageCount {
  const notTestable = rows.filter((row) => row.notTestable !== undefined).length;
  const missing = rows.filter((row) => isMissing(row, judged)).length;
  return { judged: rows.length - notTestable - missing, notTestable, missing };
}

const isNumber = (section: string): boolean => /^\d/.test(section);

/** 2.7.9 comes before 2.7.10, and numbers before words. */
function inOrderOfNumbers(a: string, b: string): number {
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
  return a.localeCompare(b, 'en', { numeric: true });
}
