import { defineCase, hex } from '../api/index.ts';

export default defineCase({
  id: 'resv-mem/no-msi-region',
  title: 'Where no MSI region is reported, the doorbell of interrupts is mapped like any registers',
  demands:
    'A message-signalled interrupt is a write by the endpoint. If no region of that kind is reported for it, the write is ' +
    'translated, and without a mapping to the interrupt controller the interrupt is lost.',
  requirements: ['iommu/prose/msi-doorbell-mapping', 'iommu/driver/map/mmio-flag-for-device-memory'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'no-region': [],
    'a-region': [{ subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn }],
  } as const,

  given: (resvMem) => ({ endpoints: { rng: { resvMem } } }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
  },

  then(seen, resvMem) {
    const messages = seen.of('message').filter(({ endpoint }) => endpoint === 'rng');
    if (messages.length === 0) {
      seen.untested('Where the endpoint writes its interrupts to cannot be seen here, or it sends none.');
      return;
    }
    for (const message of messages) {
      seen.check(
        'iommu/prose/msi-doorbell-mapping',
        seen.world.reachable(message),
        message,
        `The endpoint interrupts by a write to ${hex(message.address)}, which ${resvMem.length === 0 ? 'no mapping' : 'neither a region nor a mapping'} lets through.`,
      );
    }
  },

  mustCatch: {
    'doorbell-not-mapped': 'iommu/prose/msi-doorbell-mapping',
    'registers-mapped-as-memory': 'iommu/driver/map/mmio-flag-for-device-memory',
  },
});
