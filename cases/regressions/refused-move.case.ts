import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;
const INVAL = 4;

/** Drivers attach the endpoint to domains of their own as well; from here on nothing is granted. */
const LATER = Array.from({ length: 30 }, (_, index) => index + 4);

export default defineCase({
  id: 'regressions/refused-move',
  title: 'An endpoint that could not be moved loses what is unmapped in its old domain',
  demands:
    'When an ATTACH to another domain is refused the endpoint stays where it was, with all its mappings. A driver that has counted ' +
    'it out already finds the old domain empty, sends no UNMAP, and calls the range unmapped while the endpoint reaches it.',
  requirements: ['platform/free/unmapped-when-freed', 'iommu/safety/failed-map-reported'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  given: () => ({
    endpoints: { dma: {} },
    faults: LATER.map((nth) => ({ name: 'status-of-request', request: 'ATTACH', nth, status: INVAL }) as const),
  }),

  async when({ driver, machine }) {
    await driver.start();
    let home = 'a';
    await driver.attach({ endpoint: 'dma', domain: home });
    await driver.map({ domain: home, iova: IOVA, length: 0x1000, access: 'read-write' });
    for (const domain of ['b', 'c', 'd', 'e']) {
      const moved = await driver.try.attach({ endpoint: 'dma', domain });
      if (!moved.ok) break;
      home = domain;
      await driver.map({ domain, iova: IOVA, length: 0x1000, access: 'read-write' });
    }
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'still mapped' });
    await driver.unmap({ domain: home, iova: IOVA, length: 0x1000 });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'unmapped' });
  },

  then(seen) {
    const refused = seen.calls('attach').find((call) => {
      const statuses = call.requests('ATTACH').map((attach) => seen.answerTo(attach)?.status);
      return statuses.includes(INVAL) && !statuses.includes(0);
    });
    if (refused?.ok) {
      const says = "ATTACH to another domain was answered with INVAL, and 'attach' with ok.";
      seen.check('iommu/safety/failed-map-reported', false, refused.answer, says);
    }
    if (refused?.ok !== false || seen.dma('still mapped')[0]?.outcome !== 'ok') return;
    for (const access of seen.dma('unmapped')) {
      seen.check(
        'platform/free/unmapped-when-freed',
        seen.world.withdrawn(access),
        access,
        'The endpoint could not be moved to another domain, its mapping in the old one was unmapped, and DMA to it still succeeds; a fault was expected.',
      );
    }
  },

  shippedIn: [
    'Linux, drivers/iommu/virtio-iommu.c: viommu_attach_dev() counts the endpoint out of its old domain before it sends ATTACH.',
  ],

  mustCatch: {
    'refused-move-empties-domain': 'platform/free/unmapped-when-freed',
    'failed-attach-accepted': 'iommu/safety/failed-map-reported',
  },
});
