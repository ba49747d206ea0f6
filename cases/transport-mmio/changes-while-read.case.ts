import { counted, defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/changes-while-read',
  title: 'ConfigGeneration is read before and after a field that takes two reads',
  demands:
    'virtio-mmio allows no access wider than 32 bits, so that every 64-bit field takes two, and the device may change it in between. ' +
    'ConfigGeneration tells.',
  requirements: ['core/driver/config/generation-loop', 'mmio/driver/regs/config-access-width'],
  needs: { verbs: ['start'] },

  vary: { changing: ['config-changes-while-read'], steady: [] } as const,

  given: (faults) => ({ topology: 'mmio', faults, endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen) {
    const reads = seen.of('register-read').filter(({ device }) => device === 'iommu');
    const halves = reads.filter(({ structure, offset }) => structure === 'device' && offset >= 8 && offset < 24);
    for (const half of halves) {
      seen.check(
        'mmio/driver/regs/config-access-width',
        half.width === 4,
        half,
        `input_range is read by an access of ${counted(half.width, 'byte')}; it takes two of 4 for each end.`,
      );
    }
    const generations = reads.filter(({ structure, field }) => structure === 'mmio' && field === 'ConfigGeneration');
    const [first, last] = [halves[0], halves.at(-1)];
    if (!first || !last) return;
    const before = generations.findLast(({ seq }) => seq < last.seq);
    const after = generations.find(({ seq }) => seq > last.seq);
    seen.check(
      'core/driver/config/generation-loop',
      before !== undefined && before.value === after?.value,
      last,
      `ConfigGeneration reads ${before?.value ?? 'never'} before and ${after?.value ?? 'never'} after the last reading of input_range; both have to be read and be equal.`,
    );
  },

  mustCatch: {
    'ignores-generation': 'core/driver/config/generation-loop',
    'wide-config-read': 'mmio/driver/regs/config-access-width',
  },
});
