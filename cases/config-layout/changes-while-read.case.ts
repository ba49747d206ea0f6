import { defineCase, hex, type Seen } from '../api/index.ts';

/** Chosen so that a range put together from old and new halves is a page larger at each end than the true one. */
const INPUT_RANGE = { start: 0x1000n, end: 0x0fff_efffn };
const PAGE = 0x1000n;

/** Where the low halves of input_range.start and input_range.end lie in the device configuration. */
const FIELDS = [8, 16];

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
  control: 'steady',

  given: (faults) => ({ config: { input_range: INPUT_RANGE }, faults, endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: INPUT_RANGE.start, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: INPUT_RANGE.start - PAGE, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: INPUT_RANGE.end + 1n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const change = seen.of('config-change').find(({ device }) => device === 'iommu');
    const isTorn = change && FIELDS.some((field) => isLastReadAround(seen, field, change.seq));
    for (const map of seen.named('MAP')) {
      const { virt_start = 0n, virt_end = 0n } = map.fields;
      const isInside = virt_start >= INPUT_RANGE.start && virt_end <= INPUT_RANGE.end;
      const says = `MAP covers ${hex(virt_start)} to ${hex(virt_end)}; input_range is ${hex(INPUT_RANGE.start)} to ${hex(INPUT_RANGE.end)}`;
      if (!change) seen.check('iommu/driver/ops/respect-input-range', isInside, map, `${says}.`);
      if (isTorn === true && !isInside) {
        const torn = 'the driver read the halves of a field before and after it changed, and did not read it again.';
        seen.check('core/driver/config/no-atomicity-beyond-32-bit', false, map, `${says}; ${torn}`);
      }
    }
    if (isTorn === false) seen.held('core/driver/config/no-atomicity-beyond-32-bit', change);
  },

  mustCatch: {
    'ignores-generation': 'core/driver/config/no-atomicity-beyond-32-bit',
    'generation-read-once': 'core/driver/config/no-atomicity-beyond-32-bit',
  },
});

/** Whether `seq` lies between the last reading of the one half of the 64-bit field at `offset` and that of the other. */
function isLastReadAround(seen: Pick<Seen, 'of'>, offset: number, seq: number): boolean {
  const reads = seen
    .of('register-read')
    .filter(({ device, structure }) => device === 'iommu' && structure === 'device');
  const [low, high] = [offset, offset + 4].map((half) =>
    reads.findLast((read) => read.offset <= half && half < read.offset + read.width),
  );
  return low !== undefined && high !== undefined && low.seq < seq !== high.seq < seq;
}
