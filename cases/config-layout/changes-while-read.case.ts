import { defineCase } from '../api/index.ts';

/** Chosen so that a range put together from old and new halves is a page larger at each end than the true one. */
const INPUT_RANGE = { start: 0x1000n, end: 0x0fff_efffn };
const PAGE = 0x1000n;

export default defineCase({
  id: 'config-layout/changes-while-read',
  title: 'A 64-bit field that changes between its two halves is read again',
  demands:
    'A 64-bit field takes two reads, and the device may change it in between; config_generation tells. A driver that does not ' +
    'look goes by an address range that never existed.',
  requirements: [
    'core/driver/config/no-atomicity-beyond-32-bit',
    'core/driver/config/generation-loop',
    'iommu/driver/ops/respect-input-range',
  ],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { changing: ['config-changes-while-read'], steady: [] } as const,

  given: (faults) => ({ config: { input_range: INPUT_RANGE }, faults, endpoints: { dma: {} } }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.map({ iova: INPUT_RANGE.start, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: INPUT_RANGE.start - PAGE, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: INPUT_RANGE.end + 1n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    if (!seen.has('iommu', 'VIRTIO_IOMMU_F_INPUT_RANGE')) return;
    const change = seen.of('config-change').find(({ device }) => device === 'iommu');
    for (const map of seen.named('MAP')) {
      const { virt_start = 0n, virt_end = 0n } = map.fields;
      const inside = virt_start >= INPUT_RANGE.start && virt_end <= INPUT_RANGE.end;
      const says = `MAP covers 0x${virt_start.toString(16)} to 0x${virt_end.toString(16)}; input_range is 0x${INPUT_RANGE.start.toString(16)} to 0x${INPUT_RANGE.end.toString(16)}${change ? ' since it changed between two reads' : ''}.`;
      seen.check('iommu/driver/ops/respect-input-range', inside, map, says);
      if (change) seen.check('core/driver/config/no-atomicity-beyond-32-bit', inside, map, says);
    }
  },

  mustCatch: {
    'ignores-generation': 'core/driver/config/no-atomicity-beyond-32-bit',
    'generation-read-once': 'core/driver/config/no-atomicity-beyond-32-bit',
  },
});
