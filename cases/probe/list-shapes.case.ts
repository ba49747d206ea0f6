import { CONTROL_ENDPOINT, defineCase, endpointId, heedsControlRegion, mapControlRegion } from '../api/index.ts';

const FIRST = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };
const SECOND = { subtype: 0, start: 0x6000_0000n, end: 0x6000_ffffn };
const BESIDE = 0x5000_0000n;

export default defineCase({
  id: 'probe/list-shapes',
  title: 'The property list is walked by the length of each property, to an empty one or to its end',
  demands:
    'The next property begins length + 4 bytes behind the last one, whatever its type. The list ends with an empty property, or ' +
    'where the buffer ends. A property may be longer than this version of the specification knows.',
  requirements: ['iommu/driver/probe/no-length-from-type', 'iommu/prose/probe-parse'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    plain: [],
    'longer-property-first': ['probe-long-resv-mem'],
    'no-empty-property': ['probe-no-terminator'],
    'unknown-and-no-empty-property': ['probe-unknown-property', 'probe-no-terminator'],
  } as const,

  given: (faults) => ({
    endpoints: { dma: { resvMem: [FIRST, SECOND] }, ...CONTROL_ENDPOINT },
    faults: faults.map((name) => ({ name, endpoint: endpointId('dma') })),
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const beside = await driver.try.map({ iova: BESIDE, length: 0x1000, access: 'read-write' });
    if (!beside.ok) return;
    await driver.try.map({ iova: FIRST.start, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: SECOND.start, length: 0x1000, access: 'read-write' });
    await mapControlRegion(driver);
  },

  then(seen, faults) {
    if (!seen.has('iommu', 'VIRTIO_IOMMU_F_PROBE')) return;
    const maps = seen.answers.filter(({ verb }) => verb === 'map');
    if (maps.length < 3 || !heedsControlRegion(seen)) return;
    for (const [index, region] of [FIRST, SECOND].entries()) {
      const answer = maps[index + 1];
      const map = seen.named('MAP').find(({ fields }) => {
        const { virt_start = 0n, virt_end = 0n } = fields;
        return virt_start <= region.end && virt_end >= region.start;
      });
      const long = (faults as readonly string[]).includes('probe-long-resv-mem');
      seen.check(
        long ? 'iommu/driver/probe/no-length-from-type' : 'iommu/prose/probe-parse',
        map === undefined,
        map ?? answer,
        `MAP covers 0x${map?.fields.virt_start?.toString(16)}; RESV_MEM property ${index + 1} of the list says that 0x${region.start.toString(16)} to 0x${region.end.toString(16)} is reserved (${faults.join(', ') || 'plain list'}).`,
      );
    }
  },

  mustCatch: {
    'property-length-from-type': 'iommu/driver/probe/no-length-from-type',
    'rejects-long-property': 'iommu/driver/probe/no-length-from-type',
    'needs-property-terminator': 'iommu/prose/probe-parse',
    'property-length-with-header': 'iommu/prose/probe-parse',
  },
});
