/** Which requirements a run is measured against, and which of them bind this driver at all. */
import { unmetTrait, unmetUse, usesIn } from '../../cases/requirements/conditions.ts';
import { REQUIREMENTS, type Requirement } from '../../cases/requirements/index.ts';
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
      ...(row.source !== undefined && { reference: row.source }),
      says: row.says,
      applicable: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      ...(uses.length === 0 ? {} : { uses }),
      judged: judged.has(row.id),
    };
  });
}

/** Whether `row` counts in `revision`; what is experimental belongs to none, and statements of 1.0 and 1.1 to every one that has virtio-iommu. */
export function belongsTo({ since, scoredFrom = since }: Requirement, revision: Revision): boolean {
  return since !== NEVER && (REVISIONS as readonly string[]).indexOf(scoredFrom) <= REVISIONS.indexOf(revision);
}
