import { counted, defineCase, judgeMapAndUnmap } from '../api/index.ts';

const IOVA = 0x10_0000n;
const ROUNDS = 12;

export default defineCase({
  id: 'virtqueue/queue-sizes',
  title: 'Requests work with queues of any size, also when they go round the ring more than once',
  demands:
    'The device says how large its queues may be; the driver takes that size or a smaller power of two. The rings are used modulo ' +
    'that size, while their indexes count on.',
  requirements: ['pci/prose/queue-setup', 'split/driver/avail/idx-never-decreases', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    '4-entries': [4, 4],
    '16-entries': [16, 8],
    '64-entries': [64, 64],
    '1024-entries': [1024, 128],
  } as const,

  given: (queueSizes) => ({ queueSizes, endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    for (let round = 0; round < ROUNDS; round++) {
      const iova = IOVA + BigInt(round) * 0x1000n;
      const mapped = await driver.try.map({ iova, length: 0x1000, access: 'read-write', buffer: 'b' });
      if (!mapped.ok) return;
      await machine.dma({ endpoint: 'dma', address: iova, access: 'read', label: 'mapped' });
      const unmapped = await driver.try.unmap({ iova, length: 0x1000 });
      if (!unmapped.ok) return;
      await machine.dma({ endpoint: 'dma', address: iova, access: 'read', label: 'unmapped' });
    }
  },

  then(seen, sizes) {
    for (const { queue, size, device, seq } of seen.of('queue-enabled').filter((event) => event.device === 'iommu')) {
      const offered = sizes[queue];
      if (offered === undefined) continue;
      const at = seen.of('queue-enabled').find((event) => event.seq === seq);
      seen.check(
        'pci/prose/queue-setup',
        size <= offered,
        at,
        `Queue ${queue} of ${device} is enabled with ${counted(size, 'entry', 'entries')}; the device offers ${offered}.`,
      );
    }
    judgeMapAndUnmap(seen);
  },

  mustCatch: {
    'avail-idx-modulo-size': 'split/driver/avail/idx-never-decreases',
    'queue-size-larger-than-offered': 'pci/prose/queue-setup',
  },
});
