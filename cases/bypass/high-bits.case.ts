import { defineCase } from '../api/index.ts';

const BYPASS_OFFSET = 36;

export default defineCase({
  id: 'bypass/high-bits',
  title: 'Only bit 0 of bypass is looked at',
  demands:
    'Bits 1 to 7 of bypass have no meaning yet. A driver that turns the bypass off when it finds it on has to do so whatever ' +
    'stands in the other bits.',
  requirements: ['iommu/driver/config/ignore-bypass-bits-1-7'],
  needs: { verbs: ['start', 'stop'] },

  given: () => ({ config: { bypass: 1 }, endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    const stopped = await driver.try.stop();
    if (!started.ok || !stopped.ok) return;
    await machine.changeConfig({ bypass: 0xff });
    await driver.try.start();
  },

  then(seen) {
    const accesses = [...seen.of('register-read'), ...seen.of('register-write')]
      .filter(
        ({ device, structure, offset, width }) =>
          device === 'iommu' && structure === 'device' && offset === BYPASS_OFFSET && width === 1,
      )
      .toSorted((a, b) => a.seq - b.seq);
    /** Whether the driver wrote 0 after it had read `value`; undefined if it did not read that. */
    const turnedOff = (value: bigint): boolean | undefined => {
      const read = accesses.find((access) => access.kind === 'register-read' && access.value === value);
      if (!read) return undefined;
      const next = seen
        .of('reset')
        .find(({ device, cause, seq }) => device === 'iommu' && cause === 'status-0' && seq > read.seq);
      return accesses.some(
        (access) =>
          access.kind === 'register-write' &&
          access.value === 0n &&
          access.seq > read.seq &&
          (next === undefined || access.seq < next.seq),
      );
    };
    if (accesses.every(({ kind }) => kind === 'register-write')) {
      seen.notApplicable('The driver never reads bypass.');
      return;
    }
    const odd = turnedOff(0xffn);
    if (turnedOff(1n) !== true || odd === undefined) {
      seen.untested('The driver does not turn the bypass off because of what it reads there.');
      return;
    }
    seen.check(
      'iommu/driver/config/ignore-bypass-bits-1-7',
      odd,
      accesses.at(-1),
      'The driver turns the bypass off when it reads 0x01, and leaves it on when it reads 0xff.',
    );
  },

  mustCatch: {
    'takes-bypass-high-bits': 'iommu/driver/config/ignore-bypass-bits-1-7',
  },
});
