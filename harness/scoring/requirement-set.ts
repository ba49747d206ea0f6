/** Which requirements a run is measured against, and which of them bind this driver at all. */
import { unmetTrait, unmetUse, usesIn } from '../../cases/requirements/conditions.ts';
import type { Case } from '../../cases/api/define-case.ts';
import { type Requirement, requirement, REQUIREMENTS } from '../../cases/requirements/index.ts';
import { type Version, VERSIONS } from '../../cases/requirements/row.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import type { RequirementRow } from '../../reports/record/model.ts';

/**
 * Versions of the specification that can be scored, oldest first. The first with virtio-iommu is 1.2; `draft` is the newest
 * with what is proposed for a later one.
 */
export const REVISIONS = ['1.2', '1.3', '1.4', 'draft'] as const;
export type Revision = (typeof REVISIONS)[number];

/** Stands in a row for the version of the specification that has what no version has. */
const NEVER: Version = 'never';

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

/** Whether a case is played and shown and not scored: one that says so, or that judges what is in no version that is scored. */
export const isDraft = ({ draft, requirements }: Pick<Case, 'draft' | 'requirements'>, revision: Revision): boolean =>
  draft || (revision !== 'draft' && requirements.some((id) => requirement(id)?.since === 'draft'));

/** Whether `row` counts in `revision`; what is experimental belongs to none, and statements of 1.0 and 1.1 to every one that has virtio-iommu. */
export function belongsTo(row: Pick<Requirement, 'since' | 'scoredFrom'>, revision: Revision): boolean {
  const { since, scoredFrom } = row;
  return since !== NEVER && VERSIONS.indexOf(scoredFrom ?? since) <= VERSIONS.indexOf(revision);
}
