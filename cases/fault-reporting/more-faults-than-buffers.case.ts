import { counted, defineCase } from '../api/index.ts';
import { lend } from './fault-lines.ts';

export default defineCase({
  id: 'fault-reporting/more-faults-than-buffers',
  title: 'After more faults than it has event buffers, the driver still takes reports and still works',
  demands:
    'Reports that find no buffer are lost, which is nobody’s fault. But the driver has to give used buffers back to the device, ' +
    'so that later faults are reported, and must go on serving its endpoints.',
  requirements: [
    'platform/faults/survives-without-buffers',
    'iommu/prose/event-buffer-recycled',
    'iommu/prose/event-queue-filled',
    'iommu/prose/event-drop-tolerated',
  ],
  needs: { verbs: ['start', 'io', 'faults'] },

  // A driver that is quick about it could give buffers back during a burst; with eight, the first ones are missed before.
  vary: { 'a-few': { times: 3, eventqSize: 64 }, 'more-than-the-queue': { times: 80, eventqSize: 8 } },

  given: ({ eventqSize }) => ({ queueSizes: [256, eventqSize], endpoints: { rng: {}, dma: {} } }),

  async when({ driver, machine }, { times }) {
    await driver.start();
    await lend(driver);
    await driver.io({ endpoint: 'rng' });
    const fault = (label: string, times = 1): Promise<unknown> =>
      machine.dma({ endpoint: 'dma', address: 0xdead_0000n, length: 1, access: 'read', label, times });
    await fault('flood', times);
    // A driver handles reports in its own time: every command is another chance.
    for (let chance = 0; chance < 5; chance++) await driver.faults();
    await fault('after the flood');
    await driver.try.io({ endpoint: 'rng' });
  },

  then(seen, { eventqSize }) {
    const reports = seen.of('fault-report');
    const last = seen.dma('after the flood')[0];
    const later = last && reports.find(({ seq }) => seq > last.seq);
    if (!later) return;
    const isProof = reports.length > eventqSize || reports.some(({ delivered }) => !delivered);
    seen.check(
      'iommu/prose/event-buffer-recycled',
      // A driver that never had a buffer can give none back.
      reports[0]?.delivered === true && isProof ? later.delivered : undefined,
      later,
      `After ${counted(reports.length - 1, 'fault')} the next one found no event buffer; the driver should have given used buffers back.`,
    );
    const transfer = seen.calls('io')[1];
    if (!transfer) return;
    const says = `After the faults a transfer failed: ${transfer.answer.reason ?? 'no reason given'}.`;
    seen.check('platform/faults/survives-without-buffers', transfer.ok, transfer.answer, says);
    // Nobody lost a report where all of them found a buffer.
    if (reports.some(({ delivered }) => !delivered)) {
      seen.check('iommu/prose/event-drop-tolerated', transfer.ok, transfer.answer, says);
    }
  },

  mustCatch: {
    'event-buffers-missing': 'iommu/prose/event-queue-filled',
    'event-buffers-not-recycled': 'iommu/prose/event-buffer-recycled',
    'event-buffers-16-bytes': 'iommu/prose/event-queue-filled',
    'event-overflow-stops': ['iommu/prose/event-drop-tolerated', 'platform/faults/survives-without-buffers'],
    'faults-unread': 'iommu/prose/event-buffer-recycled',
  },
});
