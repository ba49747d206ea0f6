import { defineCase, judgeRoundTrips, roundTrips } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/plain-use',
  title: 'An IOMMU on virtio-mmio works like one on PCI, from start to stop and again',
  demands:
    'The transport changes where registers are and how the device interrupts, and nothing else. The driver finds the window, ' +
    'brings the device up, names queues by their index in QueueNotify, and leaves the device in a state from which it starts again.',
  requirements: ['mmio/prose/notify-value', 'platform/map/exactly-as-asked', 'platform/free/unmapped-when-freed'],
  needs: { verbs: ['start', 'stop', 'attach', 'map', 'unmap'] },

  given: () => ({ topology: 'mmio', endpoints: { rng: {}, dma: {} } }),

  async when(scene) {
    for (let start = 0; start < 2; start++) {
      await scene.driver.start();
      await roundTrips(scene, 1);
      await scene.driver.stop();
    }
  },

  then: judgeRoundTrips,

  mustCatch: {
    'map-never-sent': 'platform/map/exactly-as-asked',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
  },
});
