import { defineCase, describedId } from '../api/index.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;

export default defineCase({
  id: 'topology/shared-id',
  title: 'Functions that a mask makes one endpoint share a domain',
  demands:
    'iommu-map-mask hides bits of the requester ID, so that the IOMMU cannot tell two functions apart. They are one endpoint and in ' +
    'one domain: a driver that attaches them to two takes the mappings away from the first when it attaches the second.',
  requirements: ['platform/device-tree/iommu-map-mask', 'platform/device-tree/shared-id-shares-domain'],
  needs: { verbs: ['start', 'io'] },

  given: () => ({ topology: 'masked', endpoints: { rng: {}, gap: {}, dma2: {} } }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.io({ endpoint: 'rng' });
    await driver.try.io({ endpoint: 'rng' });
  },

  then(seen) {
    const start = seen.answers.find(({ verb }) => verb === 'start');
    if (start?.outcome !== 'ok') return;
    for (const slot of ['rng', 'gap', 'dma2'] as const) {
      const id = describedId(slot, 'masked') ?? 0;
      seen.check(
        'platform/device-tree/iommu-map-mask',
        seen.named('ATTACH').some(({ fields }) => fields.endpoint === id),
        start,
        `${slot} has endpoint ID ${hex(id)} behind the mask, and no ATTACH names it.`,
      );
    }
    for (const io of seen.answers.filter(({ verb }) => verb === 'io')) {
      seen.check(
        'platform/device-tree/shared-id-shares-domain',
        io.outcome === 'ok',
        io,
        `A transfer by rng fails once dma2, the same endpoint, has been attached: ${io.reason ?? 'no reason given'}.`,
      );
    }
    for (const address of seen.of('exposed').filter(({ endpoint }) => endpoint === 'rng')) {
      seen.check(
        'platform/device-tree/shared-id-shares-domain',
        address.reachable,
        address,
        `The driver of rng uses 0x${address.address.toString(16)}, which is not mapped in the domain that rng shares with dma2.`,
      );
    }
  },

  mustCatch: {
    'iommu-map-mask-ignored': 'platform/device-tree/iommu-map-mask',
    'shared-id-in-two-domains': 'platform/device-tree/shared-id-shares-domain',
  },
});
