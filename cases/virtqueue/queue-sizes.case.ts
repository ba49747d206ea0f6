import { defineCase, judgeRoundTrips, roundTrips } from '../api/index.ts';

const ROUNDS = 40;

export default defineCase({
  id: 'virtqueue/queue-sizes',
  title: 'Requests work with queues of any size, also when they wrap around the ring more than once',
  demands:
    'The device says how large its queues may be; the driver takes that size or a smaller power of two. The rings are used modulo ' +
    'that size, while their indexes count on.',
  requirements: [
    'pci/prose/queue-setup',
    'split/driver/avail/idx-never-decreases',
    'platform/map/exactly-as-asked',
    'platform/free/unmapped-when-freed',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    '4-entries': [4, 4],
    '16-entries': [16, 8],
    '64-entries': [64, 64],
    '1024-entries': [1024, 128],
    '32768-entries': [32_768, 32_768],
  } as const,

  given: (queueSizes) => ({ queueSizes, endpoints: { dma: {} } }),

  async when(scene) {
    await scene.driver.start();
    await roundTrips(scene, ROUNDS);
  },

  then: judgeRoundTrips,

  mustCatch: {
    'avail-idx-modulo-size': 'split/driver/avail/idx-never-decreases',
    'queue-size-larger-than-offered': 'pci/prose/queue-setup',
  },
});
