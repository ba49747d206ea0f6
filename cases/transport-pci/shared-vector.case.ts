import { defineCase, hex } from '../api/index.ts';

const SMALLER = { start: 0n, end: 0x0fff_ffffn };

export default defineCase({
  id: 'transport-pci/shared-vector',
  title: 'One interrupt may mean used buffers and a configuration change',
  demands:
    'With a single MSI-X vector the device interrupts by it for all events. The driver has to look for either: a change of the ' +
    'configuration that comes by the vector of the queues counts as much as one that has a vector to itself.',
  requirements: ['pci/driver/config-notify/handle-shared-irq', 'core/prose/config-cache'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { '': { vectors: 1 }, 'own-vector': { vectors: 4 } },
  control: 'own-vector',

  given: (row) => ({ endpoints: { dma: {} }, ...row }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await machine.changeConfig({ input_range: SMALLER });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: 0x2000_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const interrupts = seen.of('interrupt').filter(({ device }) => device === 'iommu');
    const told = interrupts.find(({ because }) => because === 'config');
    if (!told)
      return seen.untested('No interrupt told of the change: the driver gives configuration changes no vector.');
    const isShared = interrupts.some(({ because, vector }) => because === 'queue' && vector === told.vector);
    const stale = seen.named('MAP').find(({ seq, fields }) => seq > told.seq && (fields.virt_end ?? 0n) > SMALLER.end);
    const reread = seen
      .of('register-read')
      .find(({ device, structure, seq }) => device === 'iommu' && structure === 'device' && seq > told.seq);
    const isHeeded = reread !== undefined && reread.seq < (stale?.seq ?? Infinity);
    // A driver that refuses for another reason has shown nothing.
    if (!isHeeded && !stale) return;
    seen.check(
      isShared ? 'pci/driver/config-notify/handle-shared-irq' : 'core/prose/config-cache',
      isHeeded,
      stale ?? reread,
      `MAP covers ${hex(stale?.fields.virt_start ?? 0n)} to ${hex(stale?.fields.virt_end ?? 0n)}; input_range has shrunk to end at ${hex(SMALLER.end)}, and the driver has not read it again since the ${isShared ? 'shared ' : ''}interrupt.`,
    );
  },

  mustCatch: {
    'config-change-on-own-vector-only': 'pci/driver/config-notify/handle-shared-irq',
    'config-change-on-shared-vector-once': 'pci/driver/config-notify/handle-shared-irq',
  },
});
