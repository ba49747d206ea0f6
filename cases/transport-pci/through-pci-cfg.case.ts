import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/through-pci-cfg',
  title: 'Registers are reached through PCI_CFG by aligned accesses inside virtio structures',
  demands:
    'Where the platform has no addresses for the BARs of a device, its registers can still be reached through a window in ' +
    'configuration space. The window leads anywhere in a BAR, and the device trusts the driver to aim it well.',
  requirements: [
    'pci/driver/pci-cfg-cap/offset-multiple-of-length',
    'pci/driver/pci-cfg-cap/aligned-accesses',
    'pci/driver/pci-cfg-cap/window-inside-structure',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-bars-silent'] }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    await driver.unmap({ iova: 0x10_0000n, length: 0x1000 });
  },

  mustCatch: {
    'window-reads-whole-words': [
      'pci/driver/pci-cfg-cap/offset-multiple-of-length',
      'pci/driver/pci-cfg-cap/aligned-accesses',
    ],
    'window-into-msix-table': 'pci/driver/pci-cfg-cap/window-inside-structure',
  },
});
