import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/structures-moved',
  title: 'The register structures are found by the capability list alone',
  demands:
    'A device is free in where it puts its register structures, in the order in which it lists them, and in what ' +
    'other capabilities stand in between. The driver has to walk the list.',
  requirements: ['pci/legacy/detection/non-transitional-scan-caps'],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-structures-moved'] }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (started.ok) await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const started = seen.answers.find(({ verb }) => verb === 'start');
    if (!started) return;
    const works = started.outcome === 'ok' && seen.named('ATTACH').length > 0;
    seen.check(
      'pci/legacy/detection/non-transitional-scan-caps',
      works,
      started,
      `The structures lie in another order behind a power management capability, and the device is not brought into use: ${started.reason ?? 'no request came'}.`,
    );
  },

  mustCatch: {
    'structures-at-fixed-places': 'pci/legacy/detection/non-transitional-scan-caps',
    'cfg-type-unread': 'pci/legacy/detection/non-transitional-scan-caps',
  },
});
