import { defineCase, judgeUnmapped } from '../api/index.ts';

const IOVA = 0x10_0000n;
const INVAL = 4;

/** Drivers attach the endpoint to domains of their own as well; from here on nothing is granted. */
const LATER = Array.from({ length: 30 }, (_, index) => index + 4);
const DOMAINS = ['a', 'b', 'c', 'd', 'e'];

export default defineCase({
  id: 'regressions/refused-move',
  title: 'An endpoint that could not be moved loses what is unmapped in its old domain',
  demands:
    'When an ATTACH to another domain is refused the endpoint stays where it was, with all its mappings. A driver that has counted ' +
    'it out already finds the old domain empty, sends no UNMAP, and calls the range unmapped while the endpoint reaches it.',
  requirements: ['platform/free/unmapped-when-freed'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  given: () => ({
    endpoints: { dma: {} },
    faults: LATER.map((nth) => ({ name: 'status-of-request', request: 'ATTACH', nth, status: INVAL }) as const),
    without: ['refused-attach-detaches'],
  }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    let home: string | undefined;
    for (const domain of DOMAINS) {
      const moved = await driver.try.attach({ endpoint: 'dma', domain });
      if (!moved.ok) break;
      home = domain;
      const mapped = await driver.try.map({ domain, iova: IOVA, length: 0x1000, access: 'read-write' });
      if (!mapped.ok) return;
    }
    if (home === undefined) return;
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'still mapped' });
    const unmapped = await driver.try.unmap({ domain: home, iova: IOVA, length: 0x1000 });
    if (unmapped.ok) await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'unmapped' });
  },

  then(seen) {
    const [before] = seen.dma('still mapped');
    const [after] = seen.dma('unmapped');
    const refused = seen.named('ATTACH').some((attach) => seen.answerTo(attach)?.status === INVAL);
    if (!refused || before?.outcome !== 'ok' || !after) return;
    judgeUnmapped(
      seen,
      'platform/free/unmapped-when-freed',
      [after],
      () =>
        'An ATTACH to another domain was refused, the range was then unmapped in the old one, and the endpoint still reaches it.',
    );
  },

  shippedIn: [
    'Linux, drivers/iommu/virtio-iommu.c: viommu_attach_dev() counts the endpoint out of its old domain before it sends ATTACH.',
  ],

  mustCatch: {
    'refused-move-empties-domain': 'platform/free/unmapped-when-freed',
  },
});
