import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'dma/access-rights',
  title: 'A mapping allows exactly the kind of access that was asked for',
  demands:
    'A buffer that is mapped for reading must be mapped with READ and must not be writable by the endpoint; one that is ' +
    'mapped for both needs both flags. A device may let reads through on a write-only mapping, so that is not judged.',
  requirements: [
    'platform/map/exactly-as-asked',
    'iommu/driver/map/read-flag-when-reads-intended',
    'platform/map/no-more-than-asked',
  ],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { read: 'read', write: 'write', 'read-write': 'read-write' } as const,

  given: () => ({}),

  async when({ driver, machine }, access) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: 0x1000, access });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'read' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'write', label: 'write' });
  },

  then(seen, access) {
    const mapping = `a mapping made for '${access}'`;
    for (const read of access === 'write' ? [] : seen.dma('read')) {
      const reached = seen.world.reached(read);
      const says = `A DMA read by ${mapping} faults; it must go through.`;
      seen.check('platform/map/exactly-as-asked', reached, read, says);
      seen.check('iommu/driver/map/read-flag-when-reads-intended', reached, read, says);
    }
    for (const write of seen.dma('write')) {
      if (access === 'read') {
        const says = `A DMA write by ${mapping} goes through; a fault was expected.`;
        seen.check('platform/map/no-more-than-asked', seen.world.blocked(write), write, says);
      } else {
        const says = `A DMA write by ${mapping} faults; it must go through.`;
        seen.check('platform/map/exactly-as-asked', seen.world.reached(write), write, says);
      }
    }
  },

  mustCatch: {
    'map-read-write-swapped': ['iommu/driver/map/read-flag-when-reads-intended', 'platform/map/no-more-than-asked'],
    'map-read-missing': 'iommu/driver/map/read-flag-when-reads-intended',
    'map-flags-zero': 'platform/map/exactly-as-asked',
  },
});
