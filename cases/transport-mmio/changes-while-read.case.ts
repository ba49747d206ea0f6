import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/changes-while-read',
  title: 'ConfigGeneration is read before and after a field that takes two reads',
  demands:
    'virtio-mmio allows no access wider than 32 bits, so that every 64-bit field takes two, and the device may change it in between. ' +
    'ConfigGeneration tells.',
  requirements: ['core/driver/config/generation-loop', 'mmio/driver/regs/config-access-width'],
  needs: { verbs: ['start'] },

  vary: { changing: ['config-changes-while-read'], steady: [] } as const,

  given: (faults) => ({ topology: 'mmio', faults, endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
  },

  mustCatch: {
    'ignores-generation': 'core/driver/config/generation-loop',
    'wide-config-read': 'mmio/driver/regs/config-access-width',
  },
});
