import { defineCase } from '../api/index.ts';
import { lend, linesOn } from './fault-lines.ts';

export default defineCase({
  id: 'fault-reporting/without-address',
  title: 'A fault record without F_ADDRESS is reported without an address',
  demands:
    'The field address means something only if the flag ADDRESS is set. A driver that prints it all the same sends its reader ' +
    'after an address that nobody accessed. The endpoint of the record is reported as it stands there.',
  requirements: ['iommu/prose/fault-address-needs-flag'],
  needs: { verbs: ['start', 'faults'] },

  vary: { without: 'fault-without-address', control: undefined } as const,
  control: 'control',

  given: (fault) => ({ endpoints: { dma: {} }, faults: fault ? [fault] : [] }),

  async when({ driver, machine }) {
    await driver.start();
    await lend(driver);
    await driver.faults();
    await machine.dma({ endpoint: 'dma', address: 0x600d_0000n, access: 'read', label: 'fault' });
    for (let chance = 0; chance < 3; chance++) await driver.faults();
  },

  then(seen, fault) {
    const [access] = seen.dma('fault');
    const record = access && seen.world.reported(access, fault);
    const [line] = record ? linesOn(seen, access) : [];
    if (line === undefined) return;
    const isNamed = line.includes(' address=');
    seen.check(
      'iommu/prose/fault-address-needs-flag',
      // A driver may take no address from any record.
      fault ? !isNamed : isNamed || undefined,
      record,
      `The record came without F_ADDRESS, and the driver reports '${line}'.`,
    );
  },

  mustCatch: {
    'fault-address-without-flag': 'iommu/prose/fault-address-needs-flag',
    'fault-address-by-another-flag': 'iommu/prose/fault-address-needs-flag',
  },
});
