import { defineCase, type DescriptionOddity, judgeAttached, judgeNamed } from '../api/index.ts';

const DESCRIBED = ['rng', 'dma', 'rng2', 'dma2'] as const;

const ALL: readonly DescriptionOddity[] = [
  'viot-revision-1',
  'viot-first-node-further-back',
  'viot-longer-nodes',
  'viot-reserved-bytes-set',
  'viot-other-segment',
];

export default defineCase({
  id: 'topology/odd-tables',
  title: 'A VIOT is read by what it says of itself, and PCI ranges of other segments are not those of this one',
  demands:
    'The first node is where the header says, and each as long as it says; the revision and reserved bytes are no reason to leave ' +
    'anything out. A PCI range is one of the functions of its segments alone, whatever has the same bus, device and function elsewhere.',
  requirements: ['platform/viot/endpoint-ids', 'platform/viot/undescribed-endpoints-untouched'],
  needs: { verbs: ['start', 'attach'] },

  vary: {
    plain: [],
    'revision-1': ['viot-revision-1'],
    'first-node-further-back': ['viot-first-node-further-back'],
    'longer-nodes': ['viot-longer-nodes'],
    'reserved-bytes-set': ['viot-reserved-bytes-set'],
    'other-segment': ['viot-other-segment'],
    'two-segments': ['viot-two-segments'],
    'all-at-once': ALL,
  } satisfies Readonly<Record<string, readonly DescriptionOddity[]>>,
  control: 'plain',

  given: (oddities) => ({ oddities, endpoints: Object.fromEntries([...DESCRIBED, 'gap'].map((slot) => [slot, {}])) }),

  async when({ driver }) {
    await driver.start();
    for (const endpoint of ['dma', 'dma2'] as const) await driver.try.attach({ endpoint, domain: endpoint });
  },

  then(seen) {
    judgeAttached(seen, ['platform/viot/endpoint-ids'], DESCRIBED);
    judgeNamed(seen, ['platform/viot/undescribed-endpoints-untouched'], DESCRIBED);
  },

  shippedIn: [
    'rust-vmm/acpi_tables#34 (2024): segments of a PCI range are not written, and readers of the tables made by it ignore them.',
  ],

  mustCatch: {
    'segment-ignored': ['platform/viot/endpoint-ids', 'platform/viot/undescribed-endpoints-untouched'],
    'viot-revision-checked': 'platform/viot/endpoint-ids',
    'viot-nodes-behind-header': 'platform/viot/endpoint-ids',
    'viot-reserved-checked': 'platform/viot/endpoint-ids',
    'node-length-from-type': 'platform/viot/endpoint-ids',
  },
});
