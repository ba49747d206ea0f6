import {
  defineCase,
  type DescriptionOddity,
  judgeAttached,
  judgeNamed,
  type SlotName,
  type TopologyName,
} from '../api/index.ts';

const PCI: readonly SlotName[] = ['rng', 'dma', 'rng2', 'dma2'];

interface Row {
  readonly oddities: readonly DescriptionOddity[];
  /** `plain`, told by a tree, if left out. */
  readonly topology?: TopologyName;
  /** An endpoint that is no PCI function; whether it is described, the topology says. */
  readonly hasPlatform?: boolean;
}

const hasDescribedPlatform = ({ topology }: Row): boolean => topology === 'device-tree';

export default defineCase({
  id: 'topology/odd-trees',
  title:
    'Disabled nodes of a device tree count as absent, and entries for other IOMMUs are stepped over by their cells',
  demands:
    'A node whose status is not okay is as if it were not there, be it an IOMMU, an endpoint, or a whole root complex. How long an ' +
    'entry of iommus or iommu-map is says #iommu-cells of the IOMMU that it refers to; any entry may be the one that counts.',
  requirements: [
    'platform/device-tree/iommu-map',
    'platform/device-tree/gaps-untouched',
    'platform/device-tree/iommus',
  ],
  needs: { verbs: ['start', 'attach'] },

  vary: {
    plain: { topology: 'device-tree', oddities: [], hasPlatform: true },
    'disabled-iommu': { oddities: ['tree-disabled-iommu'] },
    'disabled-endpoint': { oddities: ['tree-disabled-endpoint'], hasPlatform: true },
    'disabled-root-complex': { oddities: ['tree-disabled-bridge'] },
    'foreign-iommu-of-two-cells': { topology: 'device-tree', oddities: ['tree-foreign-iommu'], hasPlatform: true },
    'foreign-iommu-of-one-cell': {
      topology: 'device-tree',
      oddities: ['tree-foreign-iommu-of-one-cell'],
      hasPlatform: true,
    },
    'all-at-once': {
      topology: 'device-tree',
      oddities: ['tree-disabled-iommu', 'tree-disabled-bridge', 'tree-foreign-iommu', 'tree-foreign-iommu-of-one-cell'],
      hasPlatform: true,
    },
  } satisfies Readonly<Record<string, Row>>,
  control: 'plain',

  given: ({ oddities, topology = 'plain', hasPlatform = false }: Row) => ({
    topology,
    oddities,
    endpoints: Object.fromEntries([...PCI, 'gap', ...(hasPlatform ? ['platform'] : [])].map((slot) => [slot, {}])),
  }),

  async when({ driver }, { hasPlatform = false }: Row) {
    await driver.start();
    const endpoints: readonly SlotName[] = hasPlatform ? ['dma', 'dma2', 'platform'] : ['dma', 'dma2'];
    for (const endpoint of endpoints) await driver.try.attach({ endpoint, domain: endpoint });
  },

  then(seen, row) {
    const [start] = seen.calls('start');
    if (start && row.oddities.length > 0) {
      const says = `The driver does not start with a tree in which there is ${row.oddities.join(', ')}: ${start.answer.reason ?? 'no reason given'}.`;
      seen.check('platform/device-tree/iommu-map', start.ok, start.answer, says);
    }
    judgeAttached(seen, ['platform/device-tree/iommu-map'], PCI);
    if (hasDescribedPlatform(row)) judgeAttached(seen, ['platform/device-tree/iommus'], ['platform']);
    judgeNamed(seen, ['platform/device-tree/gaps-untouched'], hasDescribedPlatform(row) ? [...PCI, 'platform'] : PCI);
  },

  mustCatch: {
    'tree-status-ignored': 'platform/device-tree/iommu-map',
    'iommu-cells-ignored': 'platform/device-tree/iommu-map',
    'iommus-first-entry-only': 'platform/device-tree/iommus',
  },
});
