import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'initialization/map-and-unmap-sent',
  title: 'A driver that accepts MAP_UNMAP sends MAP and UNMAP when it has to',
  demands:
    'By accepting VIRTIO_IOMMU_F_MAP_UNMAP a driver says that it can send both requests. One that answers for mappings and never ' +
    'sends either should have left the feature alone, since the device then confines endpoints to what was mapped.',
  requirements: ['iommu/driver/init/map-unmap-needs-capability'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    await driver.unmap({ iova: IOVA, length: 0x1000 });
  },

  then(seen) {
    const [map] = seen.calls('map');
    for (const { verb, ok, answer, requests } of [...seen.calls('map'), ...seen.calls('unmap')]) {
      const name = verb === 'map' ? 'MAP' : 'UNMAP';
      // A domain that is taken down takes its mappings with it: then nothing is left to unmap.
      if (!ok || (verb === 'unmap' && requests('DETACH').length > 0)) continue;
      seen.check(
        'iommu/driver/init/map-unmap-needs-capability',
        seen.named(name).some(({ seq }) => seq > (map?.asked.seq ?? 0)),
        answer,
        `VIRTIO_IOMMU_F_MAP_UNMAP was accepted, '${verb}' was answered with ok, and no ${name} was ever sent.`,
      );
    }
  },

  mustCatch: {
    'map-never-sent': 'iommu/driver/init/map-unmap-needs-capability',
    'unmap-never-sent': 'iommu/driver/init/map-unmap-needs-capability',
  },
});
