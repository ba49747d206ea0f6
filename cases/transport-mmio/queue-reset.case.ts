import { defineCase, hex, ringsWith, type DeviceFaultName } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'transport-mmio/queue-reset',
  title: 'A queue that was reset by QueueReset is used again when the register reads 0, and not before',
  demands:
    'With RING_RESET one queue can be reset while the device goes on. QueueReset reads 1 while that takes place; until it reads 0 the ' +
    'memory of the queue belongs to the device.',
  requirements: ['mmio/driver/regs/queue-reset-wait', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map'], optionalVerbs: ['reset-queue'] },

  vary: { 'at-once': [], slow: ['slow-queue-reset'] } satisfies Readonly<Record<string, readonly DeviceFaultName[]>>,

  given: (faults) => ({
    topology: 'mmio',
    ...ringsWith(['VIRTIO_F_RING_RESET']),
    endpoints: { dma: {} },
    faults,
  }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    await driver['reset-queue']({ queue: 'requestq' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped' });
    await driver.map({ iova: IOVA + 0x1000n, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA + 0x1000n, access: 'read', label: 'mapped' });
  },

  then(seen) {
    if (seen.accepted('iommu') !== 0n && !seen.has('iommu', 'VIRTIO_F_RING_RESET')) {
      seen.notApplicable('The driver does not accept VIRTIO_F_RING_RESET.');
    }
    for (const access of seen.dma('mapped')) {
      const says = `${hex(access.address)} is mapped, and an access faults after the reset of a queue.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
  },

  mustCatch: { 'queue-reset-not-awaited': 'mmio/driver/regs/queue-reset-wait' },
});
