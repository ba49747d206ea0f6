import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'initialization/needs-reset',
  title: 'When the device asks for a reset, the driver relies on nothing before it has reset it',
  demands:
    'DEVICE_NEEDS_RESET means that requests may or may not be carried out. A driver should not count on them; a good one resets ' +
    'the device, and then attaches and maps everything again, since the device has forgotten it.',
  requirements: ['core/driver/status/no-reliance-under-needs-reset', 'iommu/prose/domain-created-by-attach'],
  needs: { verbs: ['start', 'attach', 'map'] },

  given: () => ({ endpoints: { dma: {} }, without: ['reset-keeps-state'] }),

  async when({ driver, machine }) {
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma' });
    const before = await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    if (!before.ok) return;
    await machine.needReset();
    await driver.try.map({ iova: 0x20_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const asked = seen.of('config-change').find(({ says }) => says.startsWith('DEVICE_NEEDS_RESET'));
    const mapped = seen.answers.findLast(({ verb }) => verb === 'map');
    if (!asked || !mapped || mapped.seq < asked.seq) return;
    const reset = seen.of('reset').find(({ device, seq }) => device === 'iommu' && seq > asked.seq && seq < mapped.seq);
    seen.check(
      'core/driver/status/no-reliance-under-needs-reset',
      mapped.outcome !== 'ok' || reset !== undefined,
      mapped,
      'DEVICE_NEEDS_RESET is set; the driver sent a request all the same, without a reset, and took it for done.',
    );
    if (!reset) return;
    for (const map of seen.named('MAP').filter(({ seq }) => seq > reset.seq)) {
      const attach = seen
        .named('ATTACH')
        .find(({ seq, fields }) => seq > reset.seq && seq < map.seq && fields.domain === map.fields.domain);
      seen.check(
        'iommu/prose/domain-created-by-attach',
        attach !== undefined,
        map,
        `MAP names domain ${map.fields.domain}; since the reset no endpoint has been attached to it.`,
      );
    }
  },

  mustCatch: {
    'ignores-needs-reset': 'core/driver/status/no-reliance-under-needs-reset',
    'believes-state-after-reset': 'iommu/prose/domain-created-by-attach',
  },
});
