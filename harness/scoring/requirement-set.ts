/** Which requirements a run is measured against, and which of them bind this driver at all. */
import { REQUIREMENTS, type Requirement, type RequirementId } from '../../cases/requirements/index.ts';
import { ADDED } from '../../cases/requirements/sets.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import type { RequirementRow } from '../../reports/record/model.ts';

/** Versions of the specification that can be scored, oldest first. The first with virtio-iommu is 1.2. */
export const REVISIONS = ['1.2', '1.3', '1.4'] as const;
export type Revision = (typeof REVISIONS)[number];

/** Stands in a row for the version of the specification that has what no version has. */
const NEVER = 'never';

/** Prefixes of requirement ids that bind only drivers of one transport. */
const TRANSPORTS = [
  { prefix: 'pci/', transport: 'pci', says: 'the driver does not claim the PCI transport' },
  { prefix: 'mmio/', transport: 'mmio', says: 'the driver does not claim the MMIO transport' },
] as const;

/** Rows on a form of platform description bind only drivers that read it. */
const DESCRIPTIONS = [
  { prefix: 'platform/viot/', form: 'viot', says: 'the driver does not read ACPI VIOT' },
  { prefix: 'platform/device-tree/', form: 'device-tree', says: 'the driver does not read device trees' },
] as const;

/** Rows that only a machine with several IOMMUs can show. */
const SEVERAL_IOMMUS: ReadonlySet<RequirementId> = new Set([
  'platform/viot/output-node-followed',
  'platform/device-tree/phandle-followed',
  'platform/iommus/domain-at-each',
  'platform/iommus/independent',
]);

/** Rows on endpoints that are no PCI functions, but sit in a window. */
const IN_WINDOWS: ReadonlySet<RequirementId> = new Set(['platform/viot/mmio-endpoints', 'platform/device-tree/iommus']);

function notApplicable(row: Requirement, driver: DriverIdentity): string | undefined {
  const transport = TRANSPORTS.find(({ prefix }) => row.id.startsWith(prefix));
  if (transport && !driver.transports.includes(transport.transport)) return transport.says;
  const description = DESCRIPTIONS.find(({ prefix }) => row.id.startsWith(prefix));
  if (description && !driver.topologies.includes(description.form)) return description.says;
  if (IN_WINDOWS.has(row.id) && !driver.transports.includes('mmio')) {
    return 'the driver does not claim endpoints in windows of registers';
  }
  if (SEVERAL_IOMMUS.has(row.id) && driver.severalIommus !== true) return 'the driver does not claim several IOMMUs';
  return undefined;
}

/** The rows of `revision` that can be judged from outside, as the log's header states them. */
export function requirementSet(
  revision: Revision,
  driver: DriverIdentity,
  judged: ReadonlySet<string>,
): RequirementRow[] {
  return REQUIREMENTS.filter((row) => row.notTestable === undefined && belongsTo(row, revision)).map((row) => {
    const reason = notApplicable(row, driver);
    return {
      id: row.id,
      keyword: row.keyword,
      source: row.origin,
      section: row.section,
      says: row.says,
      applicable: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
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
