import { defineCase, hex } from '../api/index.ts';

const IOVA = 0x10_0000n;

/** What the CPU puts into the buffers of the two. */
const BYTES = { dma: '11223344', dma2: '55667788' } as const;

export default defineCase({
  id: 'topology/same-address-twice',
  title:
    'One address leads to different memory behind different IOMMUs, and an unmapping at one leaves the other alone',
  demands:
    'An IOMMU translates for its own endpoints only, and here both know an endpoint by the same ID. Attaching and mapping at one ' +
    'neither moves the endpoint of the other nor stands in the way of a mapping at the same address there.',
  requirements: ['platform/map/right-memory', 'platform/free/unmapped-when-freed'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap', 'poke'] },

  given: () => ({ topology: 'two-iommus', endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    const touch = async (endpoint: 'dma' | 'dma2', label: string): Promise<void> => {
      await machine.dma({ endpoint, address: IOVA, access: 'read', label });
    };
    for (const endpoint of ['dma', 'dma2'] as const) {
      await driver.attach({ endpoint, domain: endpoint });
      if (endpoint === 'dma2') await touch('dma', 'own');
      await driver.map({ domain: endpoint, iova: IOVA, length: 0x1000, access: 'read-write', buffer: endpoint });
      await driver.poke({ buffer: endpoint, offset: 0, bytes: BYTES[endpoint] });
      await touch(endpoint, 'own');
    }
    await touch('dma', 'own');
    await driver.unmap({ domain: 'dma', iova: IOVA, length: 0x1000 });
    await touch('dma', 'unmapped');
    await touch('dma2', 'own');
  },

  then(seen) {
    for (const access of seen.dma('own')) {
      const bytes = BYTES[access.endpoint === 'dma' ? 'dma' : 'dma2'];
      seen.check(
        'platform/map/right-memory',
        seen.world.reached(access) && access.bytes === bytes,
        access,
        `${access.endpoint} reads ${access.bytes || `nothing (${access.outcome})`} at ${hex(IOVA)}; its own buffer holds ${bytes}.`,
      );
    }
    for (const access of seen.dma('unmapped')) {
      const says = `dma still gets through at ${hex(IOVA)} after it was unmapped.`;
      seen.check('platform/free/unmapped-when-freed', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: {
    'first-iommu-for-all': 'platform/map/right-memory',
    'same-id-taken-for-same-endpoint': 'platform/map/right-memory',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
  },
});
