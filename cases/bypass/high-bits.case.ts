import { type Call, defineCase, type EventOf } from '../api/index.ts';

const BYPASS_OFFSET = 36;

const isBypass = ({ device, structure, offset, width }: EventOf<'register-read' | 'register-write'>): boolean =>
  device === 'iommu' && structure === 'device' && offset === BYPASS_OFFSET && width === 1;

export default defineCase({
  id: 'bypass/high-bits',
  title: 'Only bit 0 of bypass is evaluated',
  demands:
    'Bits 1 to 7 of bypass have no meaning yet. A driver that turns the bypass off when it finds it on has to do so whatever ' +
    'stands in the other bits.',
  requirements: ['iommu/driver/config/ignore-bypass-bits-1-7'],
  needs: { verbs: ['start', 'stop'] },

  given: () => ({ config: { bypass: 1 }, endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.stop();
    await machine.changeConfig({ bypass: 0xff });
    await driver.start();
  },

  then(seen) {
    const [plain, odd] = seen.calls('start');
    if (!plain || !odd) return;
    const reads = seen.of('register-read').filter(isBypass);
    const writes = seen.of('register-write').filter(isBypass);
    if (reads.length === 0) {
      seen.notApplicable('The driver never reads bypass.');
      return;
    }
    /** Whether the driver turns the bypass off when it reads `value` in a start; undefined if it reads something else, or nothing. */
    const turnsOff = ({ asked, answer }: Call, value: bigint): boolean | undefined => {
      const read = reads.find((it) => it.value === value && it.seq > asked.seq && it.seq < answer.seq);
      return read && writes.some((write) => write.value === 0n && write.seq > read.seq && write.seq < answer.seq);
    };
    if (turnsOff(plain, 1n) !== true) {
      seen.untested('The driver does not turn the bypass off because of what it reads there.');
      return;
    }
    seen.check(
      'iommu/driver/config/ignore-bypass-bits-1-7',
      turnsOff(odd, 0xffn),
      odd.answer,
      'The driver turns the bypass off when it reads 0x01, and leaves it on when it reads 0xff.',
    );
  },

  mustCatch: {
    'takes-bypass-high-bits': 'iommu/driver/config/ignore-bypass-bits-1-7',
  },
});
