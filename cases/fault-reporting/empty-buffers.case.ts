import { defineCase } from '../api/index.ts';
import { judgePlainRecord, lend, linesOn } from './fault-lines.ts';

export default defineCase({
  id: 'fault-reporting/empty-buffers',
  title: 'An event buffer that comes back empty is no fault record',
  demands:
    'The used length says how much of a buffer the device has written. What lies behind it, all of an empty buffer, is left over from ' +
    'earlier and must not be reported as a fault of some endpoint.',
  requirements: [
    'split/driver/used/no-assumption-beyond-len',
    'split/driver/used/ignore-beyond-len',
    'iommu/prose/fault-record',
  ],
  needs: { verbs: ['start', 'faults'] },

  vary: { '': ['empty-events'], 'a-record': [] } as const,
  control: 'a-record',

  given: (faults) => ({ endpoints: { dma: {} }, faults }),

  async when({ driver, machine }) {
    await driver.start();
    await lend(driver);
    await driver.faults();
    await machine.dma({ endpoint: 'dma', address: 0xbad_0000n, access: 'read', label: 'astray' });
    for (let chance = 0; chance < 3; chance++) await driver.faults();
  },

  then(seen, [empty]) {
    const [astray] = seen.dma('astray');
    if (!astray) return;
    if (!empty) {
      judgePlainRecord(seen, astray);
      return;
    }
    const report = seen.world.reported(astray, empty);
    if (!report) return;
    const [line] = linesOn(seen, astray);
    const says = `An event buffer came back with used length 0, and the driver reports '${line}'.`;
    seen.check('split/driver/used/no-assumption-beyond-len', line === undefined, report, says);
    seen.check('split/driver/used/ignore-beyond-len', line === undefined, report, says);
  },

  shippedIn: [
    'Linux, drivers/iommu/virtio-iommu.c since 5.3: viommu_event_handler() refuses records that are too long, and takes short ones.',
  ],

  mustCatch: {
    'empty-event-as-fault': 'split/driver/used/no-assumption-beyond-len',
  },
});
