import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'initialization/stop-and-start',
  title: 'The device is reset when its driver is taken down, and comes up again afterwards',
  demands:
    'Buffers on a live queue still belong to the device. A driver that goes away has to reset the device before it takes back ' +
    'the rings and the event buffers, or the device writes into memory that has a new owner.',
  requirements: ['core/driver/cleanup/not-live-before-removal'],
  needs: { verbs: ['start', 'stop'] },

  given: () => ({ endpoints: { rng: {}, dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.stop();
    await driver.start();
  },

  then(seen) {
    const stops = seen.answers.filter(({ verb, outcome }) => verb === 'stop' && outcome === 'ok');
    for (const stop of stops) {
      const enabled = seen.of('queue-enabled').findLast(({ device, seq }) => device === 'iommu' && seq < stop.seq);
      if (!enabled) continue;
      const reset = seen
        .of('reset')
        .find(({ device, seq }) => device === 'iommu' && seq > enabled.seq && seq < stop.seq);
      seen.check(
        'core/driver/cleanup/not-live-before-removal',
        reset !== undefined,
        stop,
        'The driver was taken down, and the device was not reset; its queues are still live.',
      );
    }
  },

  mustCatch: {
    'stop-without-reset': 'core/driver/cleanup/not-live-before-removal',
    'stop-sets-failed': 'core/driver/cleanup/not-live-before-removal',
  },
});
