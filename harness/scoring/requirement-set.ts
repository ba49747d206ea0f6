/** Which requirements a run is measured against, and which of them bind this driver at all. */
import { unmetTrait, unmetUse, usesIn } from '../../cases/requirements/conditions.ts';
import { REQUIREMENTS, type Requirement } from '../../cases/requirements/index.ts';
import { ADDED } from '../../cases/requirements/sets.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import type { RequirementRow } from '../../reports/record/model.ts';

/** Versions of the specification that can be scored, oldest first. The first with virtio-iommu is 1.2. */
export const REVISIONS = ['1.2', '1.3', '1.4'] as const;
export type Revision = (typeof REVISIONS)[number];

/** Stands in a row for the version of the specification that has what no version has. */
const NEVER = 'never';

/** The rows of `revision` that can be judged from outside, as the log's header states them. */
export function requirementSet(
  revision: Revision,
  driver: DriverIdentity,
  judged: ReadonlySet<string>,
): RequirementRow[] {
  return REQUIREMENTS.filter((row) => row.notTestable === undefined && belongsTo(row, revision)).map((row) => {
    const reason = unmetTrait(row.when, driver);
    const uses = usesIn(row.when).map((use) => ({ use, otherwise: unmetUse(use) }));
    return {
      id: row.id,
      keyword: row.keyword,
      source: row.origin,
      section: row.section,
      says: row.says,
      applicable: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      ...(uses.length === 0 ? {} : { uses }),
      judged: judged.has(row.id),
    };
  });
}

/** The recorded ids of each revision: what was added up to it. */
const RECORDED: ReadonlyMap<Revision, ReadonlySet<string>> = new Map(
  REVISIONS.map((revision, index) => [revision, new Set(REVISIONS.slice(0, index + 1).flatMap((name) => ADDED[name]))]),
);

/**
 * Whether `row` counts in `revision`; what is experimental belongs to none. What can be judged is recorded, so that a row
 * which is added later changes no score of an older revision. For the rest, statements of 1.0 and 1.1 belong to every
 * revision that has virtio-iommu.
 */
export function belongsTo(row: Requirement, revision: Revision): boolean {
  if (row.since === NEVER) return false;
  if (row.notTestable === undefined) return RECORDED.get(revision)?.has(row.id) === true;
  return (REVISIONS as readonly string[]).indexOf(row.since) <= REVISIONS.indexOf(revision);
}
