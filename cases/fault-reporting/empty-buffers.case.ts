import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'fault-reporting/empty-buffers',
  title: 'An event buffer that comes back empty is no fault record',
  demands:
    'The used length says how much of a buffer the device has written. What lies behind it, all of an empty buffer, is left over from ' +
    'earlier and must not be reported as a fault of some endpoint.',
  requirements: ['split/driver/used/no-assumption-beyond-len', 'split/driver/used/ignore-beyond-len'],
  needs: { verbs: ['start', 'faults'] },

  given: () => ({ endpoints: { dma: {} }, faults: ['empty-events'], without: ['no-fault-reports'] }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.faults();
    await machine.dma({ endpoint: 'dma', address: 0xbad_0000n, access: 'read', label: 'astray' });
    for (let chance = 0; chance < 3; chance++) await driver.try.faults();
  },

  then(seen) {
    const [astray] = seen.dma('astray');
    if (astray?.outcome !== 'fault') return;
    const answers = seen.answers.filter(({ verb, seq }) => verb === 'faults' && seq > astray.seq);
    for (const answer of answers) {
      const { faults } = answer.values;
      const [first] = Array.isArray(faults) ? faults.map(String) : [];
      const says = `An event buffer came back with used length 0, and the driver reports '${first}'.`;
      seen.check('split/driver/used/no-assumption-beyond-len', first === undefined, answer, says);
      seen.check('split/driver/used/ignore-beyond-len', first === undefined, answer, says);
    }
  },

  shippedIn: [
    'Linux, drivers/iommu/virtio-iommu.c since 5.3: viommu_event_handler() refuses records that are too long, and takes short ones.',
  ],

  mustCatch: {
    'empty-event-as-fault': 'split/driver/used/no-assumption-beyond-len',
  },
});
