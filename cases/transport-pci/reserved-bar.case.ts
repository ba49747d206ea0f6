import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/reserved-bar',
  title: 'Virtio capabilities with a reserved bar value are passed over',
  demands:
    'Values of bar above 5 are reserved. A driver has to pass such a capability over and to take the next one of the ' +
    'same type; the registers that it looks for are there.',
  requirements: ['pci/driver/caps/ignore-reserved-bar'],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-reserved-bar'] }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (started.ok) await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const started = seen.answers.find(({ verb }) => verb === 'start');
    if (!started) return;
    const works = started.outcome === 'ok' && seen.named('ATTACH').length > 0;
    seen.check(
      'pci/driver/caps/ignore-reserved-bar',
      works,
      started,
      `Capabilities with bar 6, 7 and 255 stand before the real ones, and the device is not brought into use: ${started.reason ?? 'no request came'}.`,
    );
  },

  mustCatch: {
    'takes-reserved-bar': 'pci/driver/caps/ignore-reserved-bar',
    'reserved-bar-modulo-6': 'pci/driver/caps/ignore-reserved-bar',
  },
});
