import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/foreign-ids',
  title: 'What is no IOMMU by its IDs is left alone, whatever the platform promises',
  demands:
    'Vendor ID and device ID say what a function is. A driver of the IOMMU that takes whatever it finds in a certain place writes ' +
    'to registers of another device.',
  requirements: ['pci/driver/discovery/match-modern-id'],
  needs: { verbs: ['start'], freshPciConfig: true },

  vary: {
    'other-type': { fault: 'pci-other-type', says: 'device ID 0x1045, which is that of a balloon' },
    'other-vendor': { fault: 'pci-other-vendor', says: 'vendor ID 0x1b36, which is not that of virtio' },
  } as const,

  given: ({ fault }) => ({ endpoints: { dma: {} }, faults: [fault] }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen, { says }) {
    const start = seen.answers.find(({ verb }) => verb === 'start');
    if (!start) return;
    // Looking is harmless; DRIVER in device_status is the word by which a driver takes a device.
    const taken = seen
      .of('register-write')
      .find(
        ({ device, structure, field, value }) =>
          device === 'iommu' && structure === 'common' && field === 'device_status' && (value & 2n) !== 0n,
      );
    seen.check(
      'pci/driver/discovery/match-modern-id',
      taken === undefined && start.outcome === 'not-ok',
      taken ?? start,
      `The function has ${says}, and the driver takes it for an IOMMU.`,
    );
  },

  mustCatch: {
    'any-device-id': 'pci/driver/discovery/match-modern-id',
    'any-vendor-id': 'pci/driver/discovery/match-modern-id',
  },
});
