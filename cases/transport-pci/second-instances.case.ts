import { defineCase } from '../api/index.ts';

/** How far behind the first instance of a structure the second lies. */
const SECOND = 0x800;

export default defineCase({
  id: 'transport-pci/second-instances',
  title: 'Of two instances of a structure the first is used',
  demands:
    'A device that offers a structure twice lists the place that serves it better first. The driver should use that one ' +
    'wherever it can.',
  requirements: ['pci/driver/caps/first-instance'],
  needs: { verbs: ['start', 'attach'], freshPciConfig: true },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-second-instances'] }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (started.ok) await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const accesses = [...seen.of('register-read'), ...seen.of('register-write')].filter(
      ({ device, structure }) => device === 'iommu' && ['common', 'device', 'isr', 'notify'].includes(structure),
    );
    const kicks = seen.of('notification').filter(({ device }) => device === 'iommu');
    for (const access of [...accesses, ...kicks]) {
      const structure = access.kind === 'notification' ? 'notify' : access.structure;
      seen.check(
        'pci/driver/caps/first-instance',
        access.offset < SECOND,
        access,
        `The second instance of the structure '${structure}' is used (at offset 0x${access.offset.toString(16)} from the first), and the first works.`,
      );
    }
  },

  mustCatch: {
    'takes-last-instance': 'pci/driver/caps/first-instance',
  },
});
