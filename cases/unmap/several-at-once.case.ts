import { defineCase, judgeUnmapped } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'unmap/several-at-once',
  title: 'Several mappings, with or without a hole between them, are gone after one unmap over all of them',
  demands:
    'One UNMAP may remove several mappings and may spill over addresses that are not mapped. Whether the driver sends one request ' +
    'or several, nothing of the range may be left when it says that the range is unmapped.',
  requirements: ['iommu/driver/unmap/covers-contiguous-mappings', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    adjacent: [0x0000n, 0x1000n, 0x2000n],
    'hole-in-the-middle': [0x0000n, 0x3000n],
    'one-mapping': [0x0000n],
  },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver, machine }, places) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    for (const place of places) {
      const mapped = await driver.try.map({ iova: IOVA + place, length: 0x1000, access: 'read-write' });
      if (!mapped.ok) return;
    }
    const unmapped = await driver.try.unmap({ iova: IOVA, length: Number(places.at(-1) ?? 0n) + 0x1000 });
    if (!unmapped.ok) return;
    for (const place of places) {
      await machine.dma({ endpoint: 'dma', address: IOVA + place, length: 1, access: 'read', label: 'unmapped' });
    }
  },

  then(seen) {
    const asked = seen.of('verb').find(({ verb }) => verb === 'unmap');
    const answer = seen.answers.find(({ verb }) => verb === 'unmap');
    if (!asked || !answer) return;
    const maps = seen.named('MAP').filter((map) => seen.answerTo(map)?.status === 0 && map.seq < asked.seq);
    for (const unmap of seen.named('UNMAP').filter(({ seq }) => seq > asked.seq && seq < answer.seq)) {
      const { virt_start = 0n, virt_end = 0n } = unmap.fields;
      const covered = maps.some(
        ({ fields: { virt_start: from = 0n, virt_end: to = 0n } }) => from >= virt_start && to <= virt_end,
      );
      seen.check(
        'iommu/driver/unmap/covers-contiguous-mappings',
        covered,
        unmap,
        `UNMAP covers 0x${virt_start.toString(16)} to 0x${virt_end.toString(16)}, where no whole mapping lies; it should cover one at least.`,
      );
    }
    if (maps.length === 0) return;
    judgeUnmapped(
      seen,
      'platform/map/exactly-as-asked',
      seen.dma('unmapped'),
      ({ address }) => `The whole range was unmapped, and the endpoint still reaches 0x${address.toString(16)}.`,
    );
  },

  mustCatch: {
    'unmap-never-sent': 'platform/map/exactly-as-asked',
    'unmap-one-granule-short': 'iommu/driver/unmap/covers-contiguous-mappings',
  },
});
