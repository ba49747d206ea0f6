import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/modern-device-id',
  title: 'An IOMMU is known by vendor 0x1af4 and device 0x1057',
  demands:
    'The PCI Device ID of a virtio device is 0x1040 and its device type, 23 for an IOMMU. A driver that looks for anything else ' +
    'leaves the machine without its IOMMU.',
  requirements: ['pci/driver/discovery/match-modern-id'],
  needs: { verbs: ['start'] },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
  },

  then(seen) {
    const [start] = seen.calls('start');
    if (!start) return;
    const touched = seen
      .of('register-read')
      .find(({ device, structure }) => device === 'iommu' && structure === 'common');
    // What went wrong after the driver had found the device is another matter, and so is its answer: what counts is the device.
    seen.check(
      'pci/driver/discovery/match-modern-id',
      touched !== undefined,
      start.answer,
      `There is a device with the IDs 0x1af4 and 0x1057, and none of its registers was ever read: ${start.answer.reason ?? 'no reason given'}.`,
    );
  },

  mustCatch: {
    'wants-transitional-device-id': 'pci/driver/discovery/match-modern-id',
  },
});
