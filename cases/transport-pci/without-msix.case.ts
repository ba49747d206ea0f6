import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/without-msix',
  title: 'A device without MSI-X is acknowledged by reading ISR',
  demands:
    'Such a device raises INTx and says in ISR why; the read takes the line down. A driver that does not read it is interrupted ' +
    'without end, and everybody on the same line with it.',
  requirements: ['pci/prose/isr-read-clears'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  given: () => ({ endpoints: { dma: {} }, vectors: 0 }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (const iova of [0x10_0000n, 0x20_0000n]) {
      await driver.map({ iova, length: 0x1000, access: 'read-write' });
      await driver.unmap({ iova, length: 0x1000 });
    }
    await machine.changeConfig({ input_range: { start: 0n, end: 0x0fff_ffffn } });
    await driver.map({ iova: 0x30_0000n, length: 0x1000, access: 'read-write' });
    await driver.unmap({ iova: 0x30_0000n, length: 0x1000 });
  },

  then(seen) {
    // Whether ISR is read, the monitor isr-status judges.
    if (seen.of('interrupt').some(({ device }) => device === 'iommu')) return;
    seen.untested('The device had no reason to interrupt, or the driver wants no INTx.');
  },

  mustCatch: {
    'isr-unread': 'pci/prose/isr-read-clears',
    'isr-acknowledged-by-write': 'pci/prose/isr-read-clears',
  },
});
