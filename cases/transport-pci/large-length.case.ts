import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/large-length',
  title: 'Structures may be longer than the driver needs',
  demands:
    'The length of a structure may include padding and fields of later versions. The driver may check that it is ' +
    'large enough, and nothing else; that is true for the device configuration as well.',
  requirements: [
    'pci/driver/caps/handle-large-length',
    'core/driver/config/no-exact-size',
    'core/driver/config/check-minimum-size-only',
  ],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-large-length'] }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (started.ok) await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const started = seen.answers.find(({ verb }) => verb === 'start');
    if (!started) return;
    const works = started.outcome === 'ok' && seen.named('ATTACH').length > 0;
    for (const id of [
      'pci/driver/caps/handle-large-length',
      'core/driver/config/no-exact-size',
      'core/driver/config/check-minimum-size-only',
    ] as const) {
      seen.check(
        id,
        works,
        started,
        `The structures have lengths of up to 16 KiB, 8 KiB for the device configuration, and the device is not brought into use: ${started.reason ?? 'no request came'}.`,
      );
    }
  },

  mustCatch: {
    'refuses-large-structures': ['pci/driver/caps/handle-large-length', 'core/driver/config/no-exact-size'],
    'config-size-exact': [
      'core/driver/config/no-exact-size',
      'pci/driver/caps/handle-large-length',
      'core/driver/config/check-minimum-size-only',
    ],
  },
});
