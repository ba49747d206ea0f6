import { defineCase, hex } from '../api/index.ts';

const SMALLER = { start: 0n, end: 0x0fff_ffffn };
const BEYOND = 0x2000_0000n;

export default defineCase({
  id: 'config-layout/changes-at-run-time',
  title: 'After a configuration change notification the driver goes by the new configuration',
  demands:
    'A driver may keep the configuration in its own memory until the device says that it has changed. When input_range shrinks, ' +
    'addresses beyond it can no longer be mapped, so the driver should read the range again before it uses one.',
  requirements: ['core/prose/config-cache'],
  needs: { verbs: ['start', 'attach', 'map'] },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await machine.changeConfig({ input_range: SMALLER });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: BEYOND, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const change = seen.of('config-change').find(({ device }) => device === 'iommu');
    const told = seen.of('interrupt').some(({ device, because }) => device === 'iommu' && because === 'config');
    const asked = seen.calls('map').find(({ args }) => args['iova'] === hex(BEYOND));
    if (!change || !told || !asked) return;
    const [map] = asked.requests('MAP');
    const until = map ?? asked.answer;
    const isReread = seen
      .of('register-read')
      .some(
        ({ device, structure, seq }) =>
          device === 'iommu' && structure === 'device' && seq > change.seq && seq < until.seq,
      );
    seen.check(
      'core/prose/config-cache',
      // A refusal without a look at the range has some other reason.
      isReread || (map && false),
      until,
      `The driver sent MAP for ${hex(BEYOND)} without reading input_range again, which has shrunk to end at ${hex(SMALLER.end)}.`,
    );
  },

  mustCatch: {
    'ignores-config-change': 'core/prose/config-cache',
  },
});
