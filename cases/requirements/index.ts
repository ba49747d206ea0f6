/** Every requirement, and the sets that can be scored. */
import type { Condition } from './conditions.ts';
import { coreRequirements } from './core.ts';
import { draftRequirements } from './drafts.ts';
import { experimentalRequirements } from './experimental.ts';
import { impliedRequirements } from './implied.ts';
import { iommuRequirements } from './iommu.ts';
import { mmioTransportRequirements } from './mmio-transport.ts';
import { packedVirtqueueRequirements } from './packed-virtqueue.ts';
import { pciTransportRequirements } from './pci-transport.ts';
import { platformRequirements } from './platform.ts';
import { reservedFeaturesRequirements } from './reserved-features.ts';
import type { RequirementText } from './row.ts';
import { splitVirtqueueRequirements } from './split-virtqueue.ts';

const VIRTIO = {
  ...iommuRequirements,
  ...coreRequirements,
  ...reservedFeaturesRequirements,
  ...splitVirtqueueRequirements,
  ...packedVirtqueueRequirements,
  ...pciTransportRequirements,
  ...mmioTransportRequirements,
  ...draftRequirements,
} as const;

const IMPLIED = { ...impliedRequirements, ...platformRequirements, ...experimentalRequirements } as const;

/** Id of a requirement; an id that stands in no table is a compile error wherever it is used. */
export type RequirementId = keyof typeof VIRTIO | keyof typeof IMPLIED | `draft/${string}`;

export interface Requirement extends RequirementText {
  readonly id: RequirementId;
  /** `virtio`: the specification's own keyword. `implied`: everything else, scored apart. */
  readonly origin: 'virtio' | 'implied';
  /** Its own conditions, and those of all rows whose ids begin alike. */
  readonly when: readonly Condition[];
}

/** What binds only drivers of one kind stands under one beginning. */
const CONDITIONS_BY_PREFIX = {
  'pci/': 'pci',
  'mmio/': 'mmio',
  'split/': 'split-rings',
  'packed/': 'VIRTIO_F_RING_PACKED',
  'platform/viot/': 'viot',
  'platform/device-tree/': 'device-tree',
} as const satisfies Record<string, Condition>;

function conditionsOf(id: string, { when = [] }: RequirementText): Condition[] {
  const common = Object.entries(CONDITIONS_BY_PREFIX).filter(([prefix]) => id.startsWith(prefix));
  return [...common.map(([, condition]) => condition), ...when];
}

const rows = (table: Readonly<Record<string, RequirementText>>, origin: 'virtio' | 'implied'): Requirement[] =>
  Object.entries(table).map(([id, text]) => ({
    ...text,
    id: id as RequirementId,
    origin,
    when: conditionsOf(id, text),
  }));

/** All rows, in the order of the tables. */
const ROWS: Requirement[] = [...rows(VIRTIO, 'virtio'), ...rows(IMPLIED, 'implied')];
export const REQUIREMENTS: readonly Requirement[] = ROWS;

const BY_ID = new Map<string, Requirement>(REQUIREMENTS.map((row) => [row.id, row]));

/** Takes in rows from outside the tables, before anything is asked of them; `table` has new ids only. */
export function addDrafts(table: Readonly<Record<string, RequirementText>>): void {
  for (const row of rows(table, 'virtio')) {
    ROWS.push(row);
    BY_ID.set(row.id, row);
  }
}

/** The row with this id, or undefined. */
export const requirement = (id: string): Requirement | undefined => BY_ID.get(id);
