import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;
const EVERY_ADDRESS = 0xffff_ffff_ffff_ffffn;

export default defineCase({
  id: 'unmap/whole-mappings',
  title: 'UNMAP begins where a mapping begins and ends where one ends',
  demands:
    'A mapping is what one MAP made, and it can only be removed whole. An UNMAP that is one granule short, or one byte, is refused ' +
    'and leaves everything mapped; one that is too long takes the neighbour away.',
  requirements: [
    'iommu/driver/unmap/start-on-boundary',
    'iommu/driver/unmap/end-on-boundary',
    'iommu/driver/unmap/covers-contiguous-mappings',
    'platform/map/exactly-as-asked',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'one-page': { length: 0x1000, granule: 0x1000 },
    'two-pages': { length: 0x2000, granule: 0x1000 },
    'sixteen-pages': { length: 0x1_0000, granule: 0x1000 },
    '2-mib': { length: 0x20_0000, granule: 0x1000 },
    'two-pages-of-64-kib': { length: 0x2_0000, granule: 0x1_0000 },
  },

  given: ({ granule }) => ({ config: { page_size_mask: -BigInt(granule) & EVERY_ADDRESS }, endpoints: { dma: {} } }),

  async when({ driver, machine }, { length, granule }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const behind = IOVA + BigInt(length);
    const mapped = await driver.try.map({ iova: IOVA, length, access: 'read-write' });
    const neighbour = await driver.try.map({
      iova: behind,
      length: granule,
      access: 'read-write',
      buffer: 'neighbour',
    });
    if (!mapped.ok || !neighbour.ok) return;
    const unmapped = await driver.try.unmap({ iova: IOVA, length });
    if (!unmapped.ok) return;
    await machine.dma({ endpoint: 'dma', address: behind, length: 1, access: 'read', label: 'neighbour' });
  },

  then(seen, { length }) {
    const asked = seen.of('verb').find(({ verb }) => verb === 'unmap');
    const answer = seen.answers.find(({ verb }) => verb === 'unmap');
    if (!asked || !answer) return;
    const end = IOVA + BigInt(length) - 1n;
    const maps = seen.named('MAP').filter((map) => seen.answerTo(map)?.status === 0 && map.seq < asked.seq);
    const starts = new Set(maps.map(({ fields }) => fields.virt_start));
    const ends = new Set(maps.map(({ fields }) => fields.virt_end));
    for (const unmap of seen.named('UNMAP').filter(({ seq }) => seq > asked.seq && seq < answer.seq)) {
      const { virt_start = 0n, virt_end = 0n } = unmap.fields;
      const range = `UNMAP covers 0x${virt_start.toString(16)} to 0x${virt_end.toString(16)}`;
      const inside = (address: bigint): boolean =>
        maps.some(({ fields }) => (fields.virt_start ?? 0n) <= address && address <= (fields.virt_end ?? 0n));
      // Outside all mappings there is nothing to split.
      if (inside(virt_start)) {
        seen.check(
          'iommu/driver/unmap/start-on-boundary',
          starts.has(virt_start),
          unmap,
          `${range}; its start lies in a mapping that does not begin there.`,
        );
      }
      if (inside(virt_end)) {
        seen.check(
          'iommu/driver/unmap/end-on-boundary',
          ends.has(virt_end),
          unmap,
          `${range}; its end lies in a mapping that does not end there.`,
        );
      }
    }
    for (const access of seen.dma('neighbour')) {
      seen.check(
        'platform/map/exactly-as-asked',
        access.outcome !== 'fault',
        access,
        `0x${IOVA.toString(16)} to 0x${end.toString(16)} was unmapped, and the mapping behind it, which was not, is gone too.`,
      );
    }
  },

  mustCatch: {
    'unmap-end-exclusive': 'iommu/driver/unmap/end-on-boundary',
    'unmap-one-granule-short': 'iommu/driver/unmap/end-on-boundary',
    'unmap-first-granule-only': 'iommu/driver/unmap/end-on-boundary',
    'unmap-one-granule-long': 'platform/map/exactly-as-asked',
    'unmap-twice': 'iommu/driver/unmap/covers-contiguous-mappings',
  },
});
