import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/vendor-capability',
  title: 'The Vendor data of a foreign vendor is left alone',
  demands:
    'What a Vendor data capability means, its vendor alone can tell. A driver has to look at vendor_id first, and must not write ' +
    'into a capability of a vendor that it does not know.',
  requirements: ['pci/driver/vendor-cap/qualify-vendor-id'],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-vendor-capability'] }),

  async when({ driver }) {
    const started = await driver.start();
    if (started.ok) await driver.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const started = seen.answers.find(({ verb }) => verb === 'start');
    if (started?.outcome !== 'ok') return;
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
      `0x${write?.value.toString(16)} is written into the Vendor data capability of vendor 0x1b36, which the driver cannot know.`,
    );
  },

  mustCatch: {
    'writes-vendor-capability': 'pci/driver/vendor-cap/qualify-vendor-id',
  },
});
