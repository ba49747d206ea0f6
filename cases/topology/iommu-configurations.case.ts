import { defineCase } from '../api/index.ts';

/** What the second IOMMU translates: 256 MiB, where the first has nothing of its own. */
const WINDOW = { start: 0x40_0000_0000n, end: 0x40_0fff_ffffn };

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

export default defineCase({
  id: 'topology/iommu-configurations',
  title: 'Each IOMMU is driven by its own configuration',
  demands:
    'Two IOMMUs of one machine need not be alike: input_range, domain_range and probe_size of each hold for that one, and the ' +
    'features are negotiated with each.',
  requirements: [
    'iommu/driver/ops/respect-input-range',
    'iommu/driver/ops/respect-domain-range',
    'iommu/driver/probe/properties-size',
    'platform/map/reachable-when-exposed',
  ],
  needs: { verbs: ['start', 'io'] },

  vary: {
    ranges: { config: { input_range: WINDOW } },
    'without-probe': {
      features: [
        'VIRTIO_F_VERSION_1',
        'VIRTIO_IOMMU_F_INPUT_RANGE',
        'VIRTIO_IOMMU_F_DOMAIN_RANGE',
        'VIRTIO_IOMMU_F_MAP_UNMAP',
      ],
    },
  } as const,

  given: (iommu2) => ({
    topology: 'two-iommus',
    moreIommus: { iommu2 },
    endpoints: { rng: {}, rng2: {} },
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    for (const endpoint of ['rng', 'rng2'] as const) await driver.try.io({ endpoint, length: 256 });
  },

  then(seen) {
    for (const map of seen.named('MAP')) {
      const { virt_start = 0n, virt_end = 0n } = map.fields;
      const range = seen.setup.iommus.find(({ name }) => name === map.device)?.config.input_range;
      if (!range || !seen.has(map.device, 'VIRTIO_IOMMU_F_INPUT_RANGE')) continue;
      seen.check(
        'iommu/driver/ops/respect-input-range',
        virt_start >= range.start && virt_end <= range.end,
        map,
        `MAP at ${map.device} covers ${hex(virt_start)} to ${hex(virt_end)}; its input_range is ${hex(range.start)} to ${hex(range.end)}.`,
      );
    }
    for (const address of seen.of('exposed')) {
      seen.check(
        'platform/map/reachable-when-exposed',
        address.reachable,
        address,
        `The driver of ${address.endpoint} uses ${hex(address.address)}, which is not mapped.`,
      );
    }
  },

  mustCatch: {
    'config-of-first-iommu': 'iommu/driver/ops/respect-domain-range',
    'ignores-input-range': 'iommu/driver/ops/respect-input-range',
    'first-iommu-for-all': 'platform/map/reachable-when-exposed',
  },
});
