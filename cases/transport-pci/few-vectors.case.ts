import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/few-vectors',
  title: 'A device with fewer MSI-X vectors than events is used all the same',
  demands:
    'A driver has to work with an MSI-X table of any size. With one or two vectors it can let events share one, go ' +
    'without some, or fall back on INTx.',
  requirements: ['pci/driver/msix/any-table-size'],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  vary: { 'one-vector': 'msix-one-vector', 'two-vectors': 'msix-two-vectors' } as const,

  given: (fault) => ({ endpoints: { dma: {} }, faults: [fault] }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (started.ok) await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const started = seen.answers.find(({ verb }) => verb === 'start');
    if (!started) return;
    const works = started.outcome === 'ok' && seen.named('ATTACH').length > 0;
    seen.check(
      'pci/driver/msix/any-table-size',
      works,
      started,
      `The MSI-X table has fewer vectors than there are events, and the device is not brought into use: ${started.reason ?? 'no request came'}.`,
    );
  },

  mustCatch: {
    'wants-three-vectors': 'pci/driver/msix/any-table-size',
    'wants-two-vectors': 'pci/driver/msix/any-table-size',
  },
});
