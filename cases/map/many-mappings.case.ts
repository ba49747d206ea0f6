import { defineCase, hex } from '../api/index.ts';

const FIRST = 0x10_0000n;
/** Tables of fixed size have round numbers of entries: 16, 64, 256. */
const COUNT = 300;
const PAGE = 0x1000;

/** A hole behind each keeps one from being taken for a part of the next. */
const PLACES = Array.from({ length: COUNT }, (_, index) => FIRST + BigInt(index * 2 * PAGE));

export default defineCase({
  id: 'map/many-mappings',
  title: 'Hundreds of mappings live side by side in one domain, and each is unmapped when its turn comes',
  demands:
    'How many mappings there can be is for the device and for memory to say. A driver that keeps them in a table of fixed size has ' +
    'to refuse when it is full; one that forgets what does not fit never unmaps it, and does not map it again for an endpoint that ' +
    'comes later.',
  requirements: [
    'platform/map/exactly-as-asked',
    'platform/free/unmapped-when-freed',
    'platform/iommus/domain-at-each',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'unmapped-in-turn': { topology: 'plain', then: 'unmap' },
    'second-endpoint': { topology: 'plain', then: 'attach' },
    'second-iommu': { topology: 'two-iommus', then: 'attach' },
  } as const,

  given: ({ topology }) => ({ topology, endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }, { then }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    const mapped: bigint[] = [];
    for (const iova of PLACES) {
      const { ok } = await driver.try.map({ iova, length: PAGE, access: 'read-write', buffer: 'b' });
      if (ok) mapped.push(iova);
    }
    if (then === 'attach') {
      const joined = await driver.try.attach({ endpoint: 'dma2' });
      if (!joined.ok) return;
      for (const address of mapped) await machine.dma({ endpoint: 'dma2', address, access: 'read', label: 'joined' });
      return;
    }
    for (const iova of mapped) await driver.try.unmap({ iova, length: PAGE });
    for (const address of mapped) await machine.dma({ endpoint: 'dma', address, access: 'read', label: 'unmapped' });
  },

  then(seen, { topology }) {
    const ends = new Set(
      seen
        .calls('unmap')
        .filter(({ ok }) => ok)
        .map(({ args }) => args['iova']),
    );
    const taken = seen.calls('map').filter(({ ok }) => ok).length;
    for (const access of seen.dma('unmapped')) {
      if (!ends.has(hex(access.address))) continue;
      const says = `${taken} mappings lived side by side, and DMA to ${hex(access.address)} still succeeds after it was unmapped; a fault was expected.`;
      seen.check('platform/free/unmapped-when-freed', seen.world.withdrawn(access), access, says);
    }
    for (const access of seen.dma('joined')) {
      const says = `${access.endpoint} came into a domain of ${taken} mappings, and its access at ${hex(access.address)}, which is one of them, faults.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
      if (topology === 'two-iommus')
        seen.check('platform/iommus/domain-at-each', seen.world.reached(access), access, says);
    }
  },

  mustCatch: {
    'table-cap-16': ['platform/free/unmapped-when-freed', 'platform/iommus/domain-at-each'],
    'table-cap-64': ['platform/free/unmapped-when-freed', 'platform/iommus/domain-at-each'],
    'table-cap-256': ['platform/free/unmapped-when-freed', 'platform/iommus/domain-at-each'],
  },
  shippedIn: ['DPDK keeps the mappings of users in a table of 256 entries (EAL_VFIO_MAX_USER_MEM_MAPS).'],
});
