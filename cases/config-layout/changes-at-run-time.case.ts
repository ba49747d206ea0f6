import { defineCase } from '../api/index.ts';

const SMALLER = { start: 0n, end: 0x0fff_ffffn };

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
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    await machine.changeConfig({ input_range: SMALLER });
    await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: 0x2000_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const change = seen.of('config-change').find(({ device }) => device === 'iommu');
    const told = seen.of('interrupt').some(({ device, because }) => device === 'iommu' && because === 'config');
    if (!change || !told) return;
    const maps = seen.named('MAP').filter(({ seq }) => seq > change.seq);
    for (const map of maps) {
      const { virt_start = 0n, virt_end = 0n } = map.fields;
      const reread = seen
        .of('register-read')
        .some(
          ({ device, structure, seq }) =>
            device === 'iommu' && structure === 'device' && seq > change.seq && seq < map.seq,
        );
      seen.check(
        'core/prose/config-cache',
        virt_end <= SMALLER.end || reread,
        map,
        `MAP covers 0x${virt_start.toString(16)} to 0x${virt_end.toString(16)}; input_range has shrunk to end at 0x${SMALLER.end.toString(16)}, and the driver has not read it again.`,
      );
    }
  },

  mustCatch: {
    'ignores-config-change': 'core/prose/config-cache',
  },
});
