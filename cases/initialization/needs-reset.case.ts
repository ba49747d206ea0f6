import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'initialization/needs-reset',
  title: 'When the device asks for a reset, the driver relies on nothing before it has reset it',
  demands:
    'DEVICE_NEEDS_RESET means that requests may or may not be carried out. A driver should not count on them; a good one resets ' +
    'the device, and then attaches and maps everything again, since the device has forgotten it.',
  requirements: ['core/driver/status/no-reliance-under-needs-reset', 'iommu/prose/domain-created-by-attach'],
  needs: { verbs: ['start', 'attach', 'map'] },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    await machine.needReset();
    await driver.try.map({ iova: 0x20_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    // What the driver sends after a reset, the monitor domains judges.
    const needs = seen.of('config-change').find(({ says }) => says.startsWith('DEVICE_NEEDS_RESET'));
    const map = seen.calls('map').at(-1);
    if (!needs || !map || map.asked.seq < needs.seq) return;
    const hasReset = seen
      .of('reset')
      .some(({ device, seq }) => device === 'iommu' && seq > needs.seq && seq < map.answer.seq);
    seen.check(
      'core/driver/status/no-reliance-under-needs-reset',
      !map.ok || hasReset,
      map.answer,
      'DEVICE_NEEDS_RESET is set; the driver kept sending requests without a reset, and treated them as completed.',
    );
  },

  mustCatch: {
    'ignores-needs-reset': 'core/driver/status/no-reliance-under-needs-reset',
    'believes-state-after-reset': 'iommu/prose/domain-created-by-attach',
  },
});
