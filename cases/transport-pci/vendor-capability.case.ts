import { defineCase, hex } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/vendor-capability',
  title: 'The Vendor data of a foreign vendor is left alone, and changes nothing',
  demands:
    'What a Vendor data capability means, its vendor alone can tell. A driver has to look at vendor_id first, and must not write ' +
    'into a capability of a vendor that it does not know. It is there for debugging: a device works the same with it and without.',
  requirements: ['pci/driver/vendor-cap/qualify-vendor-id', 'pci/driver/vendor-cap/debug-only'],
  needs: { verbs: ['start', 'attach'] },

  vary: { present: ['pci-vendor-capability'], absent: [] } as const,
  control: 'absent',

  given: (faults) => ({ endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
  },

  then(seen, faults) {
    const [start] = seen.calls('start');
    if (!start) return;
    const isPresent = faults.length > 0;
    seen.check(
      'pci/driver/vendor-cap/debug-only',
      isPresent ? start.ok : start.ok || undefined,
      start.answer,
      `The device has a Vendor data capability, and is not brought into use: ${start.answer.reason ?? 'no reason given'}.`,
    );
    if (!start.ok || !isPresent) return;
    const write = seen
      .of('register-write')
      .find(
        ({ device, structure, field }) =>
          device === 'iommu' && structure === 'pci-config' && field.startsWith('VENDOR_CFG'),
      );
    seen.check(
      'pci/driver/vendor-cap/qualify-vendor-id',
      write === undefined,
      write,
      `${hex(write?.value ?? 0n)} is written into the Vendor data capability of vendor 0x1b36, which the driver cannot know.`,
    );
  },

  mustCatch: {
    'vendor-data-as-quirk': 'pci/driver/vendor-cap/debug-only',
    'writes-vendor-capability': 'pci/driver/vendor-cap/qualify-vendor-id',
    'clears-foreign-vendor-data': 'pci/driver/vendor-cap/qualify-vendor-id',
  },
});
