import { defineCase, type DeviceFaultName } from '../api/index.ts';

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
    features: [
      'VIRTIO_F_VERSION_1',
      'VIRTIO_F_RING_RESET',
      'VIRTIO_IOMMU_F_MAP_UNMAP',
      'VIRTIO_IOMMU_F_INPUT_RANGE',
      'VIRTIO_IOMMU_F_DOMAIN_RANGE',
    ],
    endpoints: { dma: {} },
    faults,
  }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const before = await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    if (!before.ok) return;
    const reset = await driver.try['reset-queue']({ queue: 'requestq' });
    if (!reset.ok) return;
    const mapped = await driver.try.map({ iova: IOVA + 0x1000n, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'kept' });
    if (mapped.ok) await machine.dma({ endpoint: 'dma', address: IOVA + 0x1000n, access: 'read', label: 'new' });
  },

  then(seen) {
    if (seen.accepted('iommu') !== 0n && !seen.has('iommu', 'VIRTIO_F_RING_RESET')) {
      return seen.notApplicable('The driver does not accept VIRTIO_F_RING_RESET.');
    }
    const accesses = [...seen.of('register-read'), ...seen.of('register-write')]
      .filter(({ structure }) => structure === 'mmio')
      .toSorted((a, b) => a.seq - b.seq);
    const asked = accesses.find(({ kind, field }) => kind === 'register-write' && field === 'QueueReset');
    if (!asked) return;
    const reuse = accesses.find(
      ({ kind, field, seq }) => kind === 'register-write' && field === 'QueueReady' && seq > asked.seq,
    );
    const over = accesses.find(
      ({ kind, field, seq, value }) =>
        kind === 'register-read' && field === 'QueueReset' && seq > asked.seq && value === 0n,
    );
    seen.check(
      'mmio/driver/regs/queue-reset-wait',
      reuse === undefined || (over !== undefined && over.seq < reuse.seq),
      reuse,
      'QueueReady is written before QueueReset has read 0.',
    );
    for (const access of [...seen.dma('kept'), ...seen.dma('new')]) {
      seen.check(
        'platform/map/exactly-as-asked',
        access.outcome === 'ok',
        access,
        `0x${access.address.toString(16)} is mapped, and an access ends with ${access.outcome} after the reset of a queue.`,
      );
    }
  },

  mustCatch: { 'queue-reset-not-awaited': 'mmio/driver/regs/queue-reset-wait' },
});
