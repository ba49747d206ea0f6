import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/queue-sizes',
  title: 'QueueSize never exceeds QueueSizeMax, and is written even where it is the maximum',
  demands:
    'QueueSizeMax is the largest queue that the device takes, and QueueSize says how large it is; a driver that believes in a size of ' +
    'its own shares a ring with a device that counts differently.',
  requirements: ['mmio/driver/regs/queue-size-within-max', 'mmio/prose/queue-setup'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'as-usual': [256, 64], small: [16, 4], 'two-entries': [2, 2], large: [1024, 512] } as const,

  given: (queueSizes) => ({ topology: 'mmio', queueSizes: [...queueSizes], endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (let round = 0n; round < 12n; round++) {
      await driver.map({ iova: 0x10_0000n + (round << 12n), length: 0x1000, access: 'read-write' });
    }
  },

  mustCatch: {
    'queue-size-larger-than-offered': 'mmio/driver/regs/queue-size-within-max',
    'queue-size-not-written': 'mmio/prose/queue-setup',
  },
});
