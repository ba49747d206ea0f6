import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/reserved-cfg-type',
  title: 'Virtio capabilities of a reserved type are passed over',
  demands:
    'Later versions of the specification may define further types of capabilities. A driver of today has to pass them ' +
    'over, whatever their numbers have in common with the types that it knows.',
  requirements: ['pci/driver/caps/ignore-reserved-cfg-type'],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-reserved-cfg-type'] }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (started.ok) await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const started = seen.answers.find(({ verb }) => verb === 'start');
    if (!started) return;
    const works = started.outcome === 'ok' && seen.named('ATTACH').length > 0;
    seen.check(
      'pci/driver/caps/ignore-reserved-cfg-type',
      works,
      started,
      `Capabilities with cfg_type 0x11, 0x12 and 0x14 stand before the real ones, and the device is not brought into use: ${started.reason ?? 'no request came'}.`,
    );
  },

  mustCatch: {
    'cfg-type-low-bits': 'pci/driver/caps/ignore-reserved-cfg-type',
    'unknown-cfg-type-gives-up': 'pci/driver/caps/ignore-reserved-cfg-type',
  },
});
