import { defineCase, ENDPOINT_ID_OFFSET, IOMMU_BDF } from '../api/index.ts';

export default defineCase({
  id: 'topology/iommu-behind-itself',
  title: 'A range that covers the IOMMU itself does not make the driver translate it by itself',
  demands:
    'Firmware often describes a whole bus and forgets to leave the IOMMU out. The driver must neither wait for the IOMMU in ' +
    'order to start the IOMMU, nor name it as an endpoint.',
  requirements: ['platform/viot/iommu-not-behind-itself', 'platform/device-tree/gaps-untouched'],
  needs: { verbs: ['start', 'io'] },

  vary: { covered: 'iommu-behind-itself', control: 'plain' } as const,

  given: (topology) => ({ topology, endpoints: { rng: {}, dma: {} } }),

  async when({ driver }) {
    await driver.try.start();
    await driver.try.io({ endpoint: 'rng' });
  },

  then(seen) {
    const byTree = seen.driver.description === 'device-tree';
    const own = [IOMMU_BDF, IOMMU_BDF + ENDPOINT_ID_OFFSET];
    const named = seen.requests.find(({ fields }) => fields.endpoint !== undefined && own.includes(fields.endpoint));
    const start = seen.answers.find(({ verb }) => verb === 'start');
    if (!start) return;
    seen.check(
      byTree ? 'platform/device-tree/gaps-untouched' : 'platform/viot/iommu-not-behind-itself',
      named === undefined && start.outcome === 'ok',
      named ?? start,
      named
        ? `${named.name} names endpoint 0x${named.fields.endpoint?.toString(16)}, which is the IOMMU itself.`
        : `The driver did not start: ${start.reason ?? 'no reason given'}; a range that covers the IOMMU must not keep it from starting.`,
    );
  },

  mustCatch: { 'attaches-iommu-itself': 'platform/viot/iommu-not-behind-itself' },
});
