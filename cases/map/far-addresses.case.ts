import { defineCase, hex } from '../api/index.ts';

const LAST_PAGE = 0xffff_ffff_f000n;
const LAST_PAGE_OF_ALL = 0xffff_ffff_ffff_f000n;

export default defineCase({
  id: 'map/far-addresses',
  title: 'Mappings work above 32 bits, and from the first page of input_range to the last',
  demands:
    'All addresses of a request have 64 bits. A driver that cuts them maps another place than it was asked to. The last page of ' +
    'input_range is as good as any other, also where nothing but 0 comes behind it, and so is the page at address 0.',
  requirements: [
    'platform/map/exactly-as-asked',
    'platform/free/unmapped-when-freed',
    'iommu/driver/ops/respect-input-range',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'below-32-bits': { iova: 0x8000_0000n, length: 0x1000 },
    'across-32-bits': { iova: 0xffff_f000n + 0x100_0000_0000n, length: 0x2000 },
    'above-32-bits': { iova: 0x12_3456_7000n, length: 0x3000 },
    'last-page': { iova: LAST_PAGE, length: 0x1000 },
    'last-page-of-all': { iova: LAST_PAGE_OF_ALL, length: 0x1000 },
    'up-to-the-last-of-all': { iova: LAST_PAGE_OF_ALL - 0xf000n, length: 0x1_0000 },
    'address-0': { iova: 0n, length: 0x1000 },
  },

  given: ({ iova }) => ({
    endpoints: { dma: {} },
    ...(iova > LAST_PAGE && { config: { input_range: { start: 0n, end: 0xffff_ffff_ffff_ffffn } } }),
  }),

  async when({ driver, machine }, { iova, length }) {
    const access = async (label: string): Promise<void> => {
      for (const address of [iova, iova + BigInt(length) - 1n]) {
        await machine.dma({ endpoint: 'dma', address, length: 1, access: 'read', label });
      }
    };
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova, length, access: 'read-write' });
    await access('mapped');
    await driver.unmap({ iova, length });
    await access('unmapped');
  },

  then(seen, { iova, length }) {
    const range = `${length} bytes at ${hex(iova)}`;
    for (const access of seen.dma('mapped')) {
      const says = `With ${range} mapped, DMA to ${hex(access.address)} faults; it must go through.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
    for (const access of seen.dma('unmapped')) {
      const says = `DMA to ${hex(access.address)} still succeeds after the driver unmapped ${range}; a fault was expected.`;
      seen.check('platform/free/unmapped-when-freed', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: {
    'map-32-bit-truncation': 'platform/map/exactly-as-asked',
    'unmap-32-bit-truncation': 'platform/free/unmapped-when-freed',
    'unmap-top': 'platform/free/unmapped-when-freed',
    'map-end-exclusive': 'iommu/driver/ops/respect-input-range',
  },

  shippedIn: [
    'Linux, VFIO type1: the end of a range was computed as start + size, which is 0 at the top of the space, and the loops that unmap it did nothing (commits ef270ec44637, 1196f1f897d4 and 6012379ede6a, 2025).',
  ],
});
