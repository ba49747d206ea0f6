import { defineCase } from '../api/index.ts';

const CONFIG_CHANGE = 2n;

export default defineCase({
  id: 'transport-mmio/configuration-changes',
  title: 'A change of the configuration is found in InterruptStatus and acknowledged',
  demands:
    'There is one interrupt for everything. Bit 1 of InterruptStatus stays set until the driver acknowledges it, and where the line ' +
    'is level-triggered, so does the interrupt.',
  requirements: ['mmio/driver/irq/read-interrupt-status', 'mmio/driver/regs/ack-handled-events'],
  needs: { verbs: ['start', 'attach', 'map'] },

  given: () => ({ topology: 'mmio', endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await machine.changeConfig({ input_range: { start: 0n, end: 0x0fff_ffffn } });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const told = seen.of('interrupt').find(({ device, because }) => device === 'iommu' && because === 'config');
    if (!told) return;
    const found = seen
      .of('register-read')
      .find(({ field, seq, value }) => field === 'InterruptStatus' && seq > told.seq && (value & CONFIG_CHANGE) !== 0n);
    seen.check(
      'mmio/driver/irq/read-interrupt-status',
      found !== undefined,
      told,
      'The configuration has changed, and InterruptStatus has not been read since.',
    );
  },

  mustCatch: {
    'mmio-interrupt-status-unread': 'mmio/driver/irq/read-interrupt-status',
    'mmio-ack-forgotten': 'mmio/driver/regs/ack-handled-events',
  },
});
