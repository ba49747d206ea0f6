import { defineCase, judgeUnmapped } from '../api/index.ts';

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
    const started = await driver.try.start();
    if (!started.ok) return;
    const touch = async (endpoint: 'dma' | 'dma2', label: string): Promise<void> => {
      await machine.dma({ endpoint, address: IOVA, access: 'read', label });
    };
    for (const endpoint of ['dma', 'dma2'] as const) {
      const attached = await driver.try.attach({ endpoint, domain: endpoint });
      if (!attached.ok) return;
      if (endpoint === 'dma2') await touch('dma', 'own');
      const mapped = await driver.try.map({
        domain: endpoint,
        iova: IOVA,
        length: 0x1000,
        access: 'read-write',
        buffer: endpoint,
      });
      const poked = mapped.ok && (await driver.try.poke({ buffer: endpoint, offset: 0, bytes: BYTES[endpoint] })).ok;
      if (!poked) return;
      await touch(endpoint, 'own');
    }
    await touch('dma', 'own');
    const unmapped = await driver.try.unmap({ domain: 'dma', iova: IOVA, length: 0x1000 });
    if (!unmapped.ok) return;
    await touch('dma', 'unmapped');
    await touch('dma2', 'own');
  },

  then(seen) {
    for (const access of seen.dma('own')) {
      const endpoint = access.endpoint === 'dma' ? 'dma' : 'dma2';
      seen.check(
        'platform/map/right-memory',
        access.outcome === 'ok' && access.bytes === BYTES[endpoint],
        access,
        `${endpoint} reads ${access.bytes || `nothing (${access.outcome})`} at 0x${IOVA.toString(16)}; its own buffer holds ${BYTES[endpoint]}.`,
      );
    }
    judgeUnmapped(
      seen,
      'platform/free/unmapped-when-freed',
      seen.dma('unmapped'),
      () => `dma still gets through at 0x${IOVA.toString(16)} after it was unmapped.`,
    );
  },

  mustCatch: {
    'first-iommu-for-all': 'platform/map/right-memory',
    'same-id-taken-for-same-endpoint': 'platform/map/right-memory',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
  },
});
