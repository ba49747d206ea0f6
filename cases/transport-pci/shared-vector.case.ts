import { defineCase } from '../api/index.ts';

const SMALLER = { start: 0n, end: 0x0fff_ffffn };

export default defineCase({
  id: 'transport-pci/shared-vector',
  title: 'One interrupt may mean used buffers and a configuration change',
  demands:
    'With a single MSI-X vector the device interrupts by it for all events. The driver has to look for either: a change of the ' +
    'configuration that comes by the vector of the queues counts as much as one that has a vector to itself.',
  requirements: ['pci/driver/config-notify/handle-shared-irq'],
  needs: { verbs: ['start', 'attach', 'map'], freshPciConfig: true },

  given: () => ({ endpoints: { dma: {} }, faults: ['msix-one-vector'] }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    await machine.changeConfig({ input_range: SMALLER });
    await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: 0x2000_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const interrupts = seen.of('interrupt').filter(({ device }) => device === 'iommu');
    const told = interrupts.find(({ because }) => because === 'config');
    const shared = interrupts.some(({ because, vector }) => because === 'queue' && vector === told?.vector);
    // A driver that gives its queues no vector looks at them unasked, and shares nothing.
    if (!told || !shared) return;
    for (const map of seen.named('MAP').filter(({ seq }) => seq > told.seq)) {
      const { virt_start = 0n, virt_end = 0n } = map.fields;
      const reread = seen
        .of('register-read')
        .some(
          ({ device, structure, seq }) =>
            device === 'iommu' && structure === 'device' && seq > told.seq && seq < map.seq,
        );
      seen.check(
        'pci/driver/config-notify/handle-shared-irq',
        virt_end <= SMALLER.end || reread,
        map,
        `MAP covers 0x${virt_start.toString(16)} to 0x${virt_end.toString(16)}; input_range has shrunk to end at 0x${SMALLER.end.toString(16)}, and the driver has not read it again after the shared interrupt.`,
      );
    }
  },

  mustCatch: {
    'config-change-on-own-vector-only': 'pci/driver/config-notify/handle-shared-irq',
    'ignores-config-change': 'pci/driver/config-notify/handle-shared-irq',
  },
});
