import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'detach/and-attach-again',
  title: 'A domain whose last endpoint has left is empty when it is attached again',
  demands:
    'With its last endpoint a domain ends, and its mappings with it. If the driver goes on to believe in them, an endpoint that ' +
    'comes back is given addresses that lead nowhere.',
  requirements: ['iommu/prose/domain-ends-with-last-detach', 'iommu/prose/detach-names-current-domain'],
  needs: { verbs: ['start', 'attach', 'detach', 'map'] },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'before' });
    await driver.detach({ endpoint: 'dma' });
    await driver.attach({ endpoint: 'dma' });
    // A driver that keeps the mapping for the named domain may call the range taken; then it has to be mapped.
    await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped again' });
  },

  then(seen) {
    const again = seen.calls('map').at(-1);
    const wasMapped = seen.dma('before').some((access) => seen.world.reached(access));
    for (const access of seen.dma('mapped again')) {
      seen.check(
        'iommu/prose/domain-ends-with-last-detach',
        wasMapped ? seen.world.reached(access) : undefined,
        access,
        again?.ok
          ? 'The endpoint left the domain and came back, the range was mapped again, and DMA to it faults.'
          : `The endpoint left the domain and came back; the driver calls the range taken (${again?.answer.reason ?? 'no reason given'}), and DMA to it faults.`,
      );
    }
  },

  mustCatch: {
    'mappings-believed-after-detach': 'iommu/prose/domain-ends-with-last-detach',
    'detach-wrong-domain': 'iommu/prose/detach-names-current-domain',
  },
});
