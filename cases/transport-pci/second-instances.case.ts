import { defineCase } from '../api/index.ts';

const STRUCTURES = ['common', 'device', 'isr'] as const;

/** How far behind the first instance of the structure for notifications the second lies. */
const SECOND = 0x800;

const isOwn = ({ device }: { readonly device: string }): boolean => device === 'iommu';

export default defineCase({
  id: 'transport-pci/second-instances',
  title: 'Of two instances of a structure the first is used',
  demands:
    'A device that offers a structure twice lists the place that serves it better first. The driver should use that one ' +
    'wherever it can.',
  requirements: ['pci/driver/caps/first-instance'],
  needs: { verbs: ['start', 'attach'] },

  given: () => ({ endpoints: { dma: {} }, faults: ['pci-second-instances'] }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const registers = [...seen.of('register-read'), ...seen.of('register-write')].filter(isOwn);
    const uses = [
      ...STRUCTURES.map((name) => registers.filter(({ structure }) => structure === name)),
      seen.of('notification').filter(isOwn),
    ];
    for (const accesses of uses.filter(({ length }) => length > 0)) {
      const second = accesses.find((access) =>
        access.kind === 'notification' ? access.offset >= SECOND : access.instance !== undefined,
      );
      const name = second?.kind === 'notification' ? 'notify' : second?.structure;
      seen.check(
        'pci/driver/caps/first-instance',
        second === undefined,
        second ?? accesses[0],
        `The second instance of the structure '${name}' is used, and the first works.`,
      );
    }
  },

  mustCatch: {
    'takes-last-instance': 'pci/driver/caps/first-instance',
  },
});
