import { defineCase } from '../api/index.ts';

/** What becomes of the endpoint's accesses, by their labels. */
const OUTCOMES = [
  ['first', 'ok'],
  ['first, unmapped', 'fault'],
  ['second', 'ok'],
  ['second, unmapped', 'fault'],
] as const;

export default defineCase({
  id: 'transport-mmio/plain-use',
  title: 'An IOMMU in a window of registers works like one on PCI, from start to stop and again',
  demands:
    'The transport changes where registers are and how the device interrupts, and nothing else. The driver finds the window, ' +
    'brings the device up, names queues by their index in QueueNotify, and leaves the device in a state from which it starts again.',
  requirements: ['mmio/prose/notify-value'],
  needs: { verbs: ['start', 'stop', 'attach', 'map', 'unmap'] },

  given: () => ({ topology: 'mmio', endpoints: { rng: {}, dma: {} } }),

  async when({ driver, machine }) {
    for (const round of ['first', 'second']) {
      const started = await driver.start();
      if (!started.ok) return;
      await driver.attach({ endpoint: 'dma' });
      await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
      await machine.dma({ endpoint: 'dma', address: 0x10_0000n, access: 'read', label: round });
      await driver.unmap({ iova: 0x10_0000n, length: 0x1000 });
      await machine.dma({ endpoint: 'dma', address: 0x10_0000n, access: 'read', label: `${round}, unmapped` });
      await driver.stop();
    }
  },

  then(seen) {
    for (const [label, outcome] of OUTCOMES) {
      for (const access of seen.dma(label)) {
        seen.check(
          'mmio/prose/notify-value',
          access.outcome === outcome,
          access,
          `In the round '${label}' the endpoint's access to 0x${access.address.toString(16)} ends with ${access.outcome}; it has to be ${outcome} if the device got the driver's requests.`,
        );
      }
    }
  },

  mustCatch: {
    'map-never-sent': 'mmio/prose/notify-value',
    'unmap-never-sent': 'mmio/prose/notify-value',
  },
});
