import { defineCase, STATUS, statusWith } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/foreign-ids',
  title: 'What is no IOMMU by its IDs is left alone, whatever the platform promises',
  demands:
    'Vendor ID and device ID say what a function is. A driver of the IOMMU that takes whatever it finds in a certain place writes ' +
    'to registers of another device.',
  requirements: ['pci/driver/discovery/match-modern-id'],
  needs: { verbs: ['start'] },

  vary: {
    'other-type': { fault: 'pci-other-type', says: 'device ID 0x1045, which is that of a balloon' },
    'other-vendor': { fault: 'pci-other-vendor', says: 'vendor ID 0x1b36, which is not that of virtio' },
    'own-ids': { fault: undefined, says: 'the IDs of an IOMMU' },
  } as const,
  control: 'own-ids',

  given: ({ fault }) => ({ endpoints: { dma: {} }, faults: fault ? [fault] : [] }),

  async when({ driver }) {
    await driver.start();
  },

  then(seen, { fault, says }) {
    const [start] = seen.calls('start');
    if (!start) return;
    // Looking is harmless; by setting DRIVER a driver takes a device.
    const taken = statusWith(seen.events, 'register-write', STATUS.DRIVER);
    const isTaken = taken !== undefined || start.ok;
    const isOwn = fault === undefined;
    seen.check(
      'pci/driver/discovery/match-modern-id',
      isOwn ? isTaken || undefined : !isTaken,
      taken ?? start.answer,
      `The function has ${says}, and the driver takes it for an IOMMU.`,
    );
  },

  mustCatch: {
    'any-device-id': 'pci/driver/discovery/match-modern-id',
    'any-vendor-id': 'pci/driver/discovery/match-modern-id',
  },
});
