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
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const mapped = await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    const detached = await driver.try.detach({ endpoint: 'dma' });
    if (!mapped.ok || !detached.ok) return;
    const back = await driver.try.attach({ endpoint: 'dma' });
    if (!back.ok) return;
    // A driver that keeps the mapping for the named domain may call the range taken; then it has to be mapped.
    await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped again' });
  },

  then(seen) {
    const access = seen.dma('mapped again')[0];
    const answer = seen.answers.findLast(({ verb }) => verb === 'map');
    if (!access || !answer) return;
    seen.check(
      'iommu/prose/domain-ends-with-last-detach',
      access.outcome !== 'fault',
      access,
      answer.outcome === 'ok'
        ? 'The endpoint left the domain and came back, the range was mapped again, and an access to it faults.'
        : `The endpoint left the domain and came back; the driver calls the range taken (${answer.reason ?? 'no reason given'}), and an access to it faults.`,
    );
  },

  mustCatch: {
    'mappings-believed-after-detach': 'iommu/prose/domain-ends-with-last-detach',
    'detach-wrong-domain': 'iommu/prose/detach-names-current-domain',
  },
});
