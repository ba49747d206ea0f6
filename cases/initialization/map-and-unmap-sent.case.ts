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
    const started = await driver.try.start();
    if (!started.ok) return;
    const attached = await driver.try.attach({ endpoint: 'dma' });
    if (!attached.ok) return;
    const mapped = await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    if (mapped.ok) await driver.try.unmap({ iova: IOVA, length: 0x1000 });
  },

  then(seen) {
    if (!seen.has('iommu', 'VIRTIO_IOMMU_F_MAP_UNMAP')) {
      seen.notApplicable('The driver does not accept VIRTIO_IOMMU_F_MAP_UNMAP.');
      return;
    }
    const asked = seen.of('verb').find(({ verb }) => verb === 'map');
    for (const [verb, name] of [
      ['map', 'MAP'],
      ['unmap', 'UNMAP'],
    ] as const) {
      const answer = seen.answers.find((event) => event.verb === verb);
      if (!asked || answer?.outcome !== 'ok') return;
      // A domain that is taken down takes its mappings with it: then nothing is left to unmap.
      const detached = seen.named('DETACH').some(({ seq }) => seq > asked.seq && seq < answer.seq);
      if (name === 'UNMAP' && detached) return;
      const sent = seen.requests.find((request) => request.name === name && request.seq > asked.seq);
      seen.check(
        'iommu/driver/init/map-unmap-needs-capability',
        sent !== undefined,
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
