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

  given: () => ({ without: ['access-rights-ignored', 'write-implies-read'] }),

  async when({ driver, machine }, access) {
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma' });
    const { ok } = await driver.try.map({ iova: IOVA, length: 0x1000, access });
    if (!ok) return;
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'read' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'write', label: 'write' });
  },

  then(seen, access) {
    for (const kind of ['read', 'write'] as const) {
      const attempt = seen.dma(kind)[0];
      const allowed = access === kind || access === 'read-write';
      if (!attempt || (kind === 'read' && access === 'write')) continue;
      const reached = attempt.outcome !== 'fault';
      const says = `A ${kind} on a mapping made for '${access}' ${reached ? 'went through' : 'faulted'}; it must ${allowed ? 'go through' : 'fault'}.`;
      const id = allowed ? 'platform/map/exactly-as-asked' : 'platform/map/no-more-than-asked';
      seen.check(id, reached === allowed, attempt, says);
      if (kind === 'read') seen.check('iommu/driver/map/read-flag-when-reads-intended', reached, attempt, says);
    }
  },

  mustCatch: {
    'map-read-write-swapped': ['iommu/driver/map/read-flag-when-reads-intended', 'platform/map/no-more-than-asked'],
    'map-read-missing': 'iommu/driver/map/read-flag-when-reads-intended',
    'map-flags-zero': 'platform/map/exactly-as-asked',
  },
});
