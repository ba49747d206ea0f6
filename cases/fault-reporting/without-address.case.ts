import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'fault-reporting/without-address',
  title: 'A fault record without F_ADDRESS is reported without an address',
  demands:
    'The field address means something only if the flag ADDRESS is set. A driver that prints it all the same sends its reader ' +
    'after an address that nobody accessed. The endpoint of the record is reported as it stands there.',
  requirements: ['iommu/prose/fault-address-needs-flag'],
  needs: { verbs: ['start', 'faults'] },

  vary: { without: true, control: false },

  given: (without) => ({
    endpoints: { dma: {} },
    ...(without ? { faults: ['fault-without-address'] } : { without: ['fault-without-address'] }),
  }),

  async when({ driver, machine }) {
    await driver.try.start();
    await driver.try.faults();
    await machine.dma({ endpoint: 'dma', address: 0x600d_0000n, access: 'read', label: 'fault' });
    for (let chance = 0; chance < 3; chance++) await driver.try.faults();
  },

  then(seen, without) {
    const lists = seen.answers.filter(({ verb }) => verb === 'faults').map(({ values }) => values['faults']);
    const lines = lists.flatMap((list) => (Array.isArray(list) ? list.map(String) : []));
    const report = lines[0];
    if (report === undefined) {
      seen.untested('The driver reported no fault.');
      return;
    }
    const named = report.includes('address=');
    seen.check(
      'iommu/prose/fault-address-needs-flag',
      named !== without,
      seen.of('fault-report')[0],
      `The record came ${without ? 'without' : 'with'} F_ADDRESS, and the driver reported '${report}'.`,
    );
  },

  mustCatch: {
    'fault-address-without-flag': 'iommu/prose/fault-address-needs-flag',
    'fault-address-always-dropped': 'iommu/prose/fault-address-needs-flag',
  },
});
