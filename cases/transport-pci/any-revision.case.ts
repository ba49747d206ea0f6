import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/any-revision',
  title: 'Any PCI Revision ID will do',
  demands:
    'The revision says nothing of what a driver has to do. Device ID and vendor ID alone decide whether a device is a ' +
    'virtio-iommu.',
  requirements: ['pci/driver/discovery/match-any-revision'],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  vary: { 'revision-0': 'pci-revision-0', 'revision-255': 'pci-revision-255' } as const,

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
      'pci/driver/discovery/match-any-revision',
      works,
      started,
      `The device has an unusual PCI Revision ID, and is not brought into use: ${started.reason ?? 'no request came'}.`,
    );
  },

  mustCatch: {
    'wants-revision-1': 'pci/driver/discovery/match-any-revision',
    'revision-0-taken-for-legacy': 'pci/driver/discovery/match-any-revision',
  },
});
