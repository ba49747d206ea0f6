import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/longer-capabilities',
  title: 'A capability may be longer than this version of the specification knows',
  demands:
    'A device may append data to any of its capabilities. The driver has to take what it knows from the beginning, ' +
    'and to leave the rest alone.',
  requirements: ['pci/driver/caps/accept-larger-cap-len'],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-larger-cap-len'] }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (started.ok) await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const started = seen.answers.find(({ verb }) => verb === 'start');
    if (!started) return;
    const works = started.outcome === 'ok' && seen.named('ATTACH').length > 0;
    seen.check(
      'pci/driver/caps/accept-larger-cap-len',
      works,
      started,
      `Every virtio capability has a cap_len that is larger by 8 than specified, and the device is not brought into use: ${started.reason ?? 'no request came'}.`,
    );
  },

  mustCatch: {
    'cap-len-exact': 'pci/driver/caps/accept-larger-cap-len',
    'cap-len-longer-refused': 'pci/driver/caps/accept-larger-cap-len',
  },
});
