import { counted, defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;
const LENGTH = 0x4000;

export default defineCase({
  id: 'unmap/part',
  title: 'Asked to unmap a part of a mapping, the driver sends no UNMAP that would split it',
  demands:
    'A mapping that one MAP made can only be removed whole. A driver that is asked for a part has to refuse, or to have made the ' +
    'mapping in pieces.',
  requirements: ['iommu/driver/unmap/start-on-boundary', 'iommu/driver/unmap/end-on-boundary'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'first-page': { at: 0x0000n, length: 0x1000 },
    'middle-pages': { at: 0x1000n, length: 0x2000 },
    'last-page': { at: 0x3000n, length: 0x1000 },
    'half-a-page': { at: 0x0000n, length: 0x800 },
    'across-the-end': { at: 0x2000n, length: 0x4000 },
    whole: { at: 0x0000n, length: LENGTH },
  },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver }, { at, length }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const mapped = await driver.try.map({ iova: IOVA, length: LENGTH, access: 'read-write' });
    if (mapped.ok) await driver.try.unmap({ iova: IOVA + at, length });
  },

  then(seen, { at, length }) {
    const asked = seen.of('verb').find(({ verb }) => verb === 'unmap');
    const answer = seen.answers.find(({ verb }) => verb === 'unmap');
    if (!asked || !answer) return;
    const maps = seen.named('MAP').filter((map) => seen.answerTo(map)?.status === 0 && map.seq < asked.seq);
    const holding = (address: bigint) =>
      maps.find(({ fields }) => (fields.virt_start ?? 0n) <= address && address <= (fields.virt_end ?? 0n))?.fields;
    const sent = seen.named('UNMAP').filter(({ seq }) => seq > asked.seq && seq < answer.seq);
    for (const unmap of sent) {
      const { virt_start = 0n, virt_end = 0n } = unmap.fields;
      const range = `Asked to unmap ${counted(length, 'byte')} at 0x${(IOVA + at).toString(16)}, the driver sends UNMAP of 0x${virt_start.toString(16)} to 0x${virt_end.toString(16)}`;
      const first = holding(virt_start);
      seen.check(
        'iommu/driver/unmap/start-on-boundary',
        first === undefined || first.virt_start === virt_start,
        unmap,
        `${range}, which begins inside the mapping at 0x${first?.virt_start?.toString(16)}.`,
      );
      const last = holding(virt_end);
      seen.check(
        'iommu/driver/unmap/end-on-boundary',
        last === undefined || last.virt_end === virt_end,
        unmap,
        `${range}, which ends inside the mapping that ends at 0x${last?.virt_end?.toString(16)}.`,
      );
    }
    if (sent.length > 0 || answer.outcome !== 'not-ok') return;
    seen.check('iommu/driver/unmap/start-on-boundary', true, answer, '');
    seen.check('iommu/driver/unmap/end-on-boundary', true, answer, '');
  },

  mustCatch: {
    'unmap-splits-mapping': 'iommu/driver/unmap/start-on-boundary',
    'unmap-unaligned-sent': 'iommu/driver/unmap/end-on-boundary',
  },
});
