import { defineCase, judgeUnmapped } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'transport-mmio/plain-use',
  title: 'An IOMMU in a window of registers works like one on PCI, from start to stop and again',
  demands:
    'The transport changes where registers are and how the device interrupts, and nothing else. The driver finds the window, ' +
    'brings the device up, names queues by their index in QueueNotify, and leaves the device in a state from which it starts again.',
  requirements: ['mmio/prose/notify-value', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'stop', 'attach', 'map', 'unmap'] },

  given: () => ({ topology: 'mmio', endpoints: { rng: {}, dma: {} } }),

  async when({ driver, machine }) {
    for (const round of ['first', 'second']) {
      const started = await driver.try.start();
      if (!started.ok) return;
      await driver.try.attach({ endpoint: 'dma' });
      const mapped = await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
      if (!mapped.ok) return;
      await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: `mapped in the ${round} round` });
      const unmapped = await driver.try.unmap({ iova: IOVA, length: 0x1000 });
      if (!unmapped.ok) return;
      await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: `unmapped in the ${round} round` });
      await driver.try.stop();
    }
  },

  then(seen) {
    for (const round of ['first', 'second']) {
      for (const access of seen.dma(`mapped in the ${round} round`)) {
        const says = `0x${IOVA.toString(16)} was mapped in the ${round} round, and an access ends with ${access.outcome}.`;
        seen.check('platform/map/exactly-as-asked', access.outcome === 'ok', access, says);
      }
      judgeUnmapped(
        seen,
        'platform/map/exactly-as-asked',
        seen.dma(`unmapped in the ${round} round`),
        () => `0x${IOVA.toString(16)} was unmapped in the ${round} round, and an access goes through.`,
      );
    }
  },

  mustCatch: {
    'map-never-sent': 'platform/map/exactly-as-asked',
    'unmap-never-sent': 'platform/map/exactly-as-asked',
  },
});
