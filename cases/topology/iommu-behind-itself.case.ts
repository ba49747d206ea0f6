import { defineCase, ENDPOINT_ID_OFFSET, hex, IOMMU_BDF } from '../api/index.ts';

export default defineCase({
  id: 'topology/iommu-behind-itself',
  title: 'A range that covers the IOMMU itself does not make the driver translate it by itself',
  demands:
    'Firmware often describes a whole bus and forgets to leave the IOMMU out. The driver must neither wait for the IOMMU in ' +
    'order to start the IOMMU, nor name it as an endpoint.',
  requirements: ['platform/viot/iommu-not-behind-itself', 'platform/device-tree/gaps-untouched'],
  needs: { verbs: ['start', 'io'] },

  vary: { covered: 'iommu-behind-itself', control: 'plain' } as const,
  control: 'control',

  given: (topology) => ({ topology, endpoints: { rng: {}, dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
  },

  then(seen, topology) {
    const [start] = seen.calls('start');
    if (!start) return;
    const own = [IOMMU_BDF, IOMMU_BDF + ENDPOINT_ID_OFFSET];
    const named = seen.requests.find(({ fields }) => fields.endpoint !== undefined && own.includes(fields.endpoint));
    const starts = topology === 'plain' ? start.ok || undefined : start.ok;
    for (const id of ['platform/viot/iommu-not-behind-itself', 'platform/device-tree/gaps-untouched'] as const) {
      seen.check(
        id,
        named === undefined && starts,
        named ?? start.answer,
        named
          ? `${named.name} names endpoint ${hex(named.fields.endpoint ?? 0)}, which is the IOMMU itself.`
          : `The driver did not start: ${start.answer.reason ?? 'no reason given'}; a range that covers the IOMMU must not keep it from starting.`,
      );
    }
  },

  mustCatch: { 'attaches-iommu-itself': 'platform/viot/iommu-not-behind-itself' },
});
