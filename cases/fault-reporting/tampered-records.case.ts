import { defineCase } from '../api/index.ts';
import { judgePlainRecord, lend, lineOf, linesOn, wholeLineOf } from './fault-lines.ts';

const TAMPERED = 0xbad_0000n;
const HONEST = 0x600d_0000n;

export default defineCase({
  id: 'fault-reporting/tampered-records',
  title:
    'A driver drops a fault record whose reserved bytes are set, and takes records with other unknown parts as they are',
  demands:
    'Three rules keep fault records open for later versions: a record with non-zero reserved bytes is ignored as a whole, the ' +
    'second reserved field and unknown flags are ignored by themselves, and an unknown reason counts as UNKNOWN.',
  requirements: [
    'iommu/driver/fault/ignore-if-reserved-nonzero',
    'iommu/driver/fault/ignore-reserved1',
    'iommu/driver/fault/ignore-undefined-flags',
    'iommu/driver/fault/unknown-reason-as-unknown',
    'iommu/prose/fault-record',
  ],
  needs: { verbs: ['start', 'faults'] },

  // `taken`: whether the driver has to report the fault all the same.
  vary: {
    'reserved-nonzero': {
      fault: 'fault-reserved-nonzero',
      taken: false,
      by: 'iommu/driver/fault/ignore-if-reserved-nonzero',
    },
    'reserved1-nonzero': { fault: 'fault-reserved1-nonzero', taken: true, by: 'iommu/driver/fault/ignore-reserved1' },
    'undefined-flags': { fault: 'fault-undefined-flags', taken: true, by: 'iommu/driver/fault/ignore-undefined-flags' },
    'unknown-reason': {
      fault: 'fault-unknown-reason',
      taken: true,
      by: 'iommu/driver/fault/unknown-reason-as-unknown',
    },
    'nothing-odd': undefined,
  } as const,
  control: 'nothing-odd',

  given: (row) => ({ endpoints: { dma: {} }, faults: row ? [{ name: row.fault, nth: 1 }] : [] }),

  async when({ driver, machine }) {
    await driver.start();
    await lend(driver);
    await driver.faults();
    for (const [address, label] of [
      [TAMPERED, 'tampered record'],
      [HONEST, 'honest record'],
    ] as const) {
      await machine.dma({ endpoint: 'dma', address, access: 'read', label });
      for (let chance = 0; chance < 3; chance++) await driver.faults();
    }
  },

  then(seen, row) {
    const [tampered] = seen.dma('tampered record');
    const [honest] = seen.dma('honest record');
    if (!tampered) return;
    if (!row) {
      judgePlainRecord(seen, tampered);
      return;
    }
    const record = seen.world.reported(tampered, row.fault);
    if (!record) return;
    const [line] = linesOn(seen, tampered);
    if (!row.taken && line !== undefined) {
      seen.check(row.by, false, record, `The driver reports the record as '${line}'; it has to ignore it.`);
      return;
    }
    // Drivers limit how much they print: one that does not speak of the second record may have left out the first for that.
    const [other] = honest && seen.world.reported(honest) ? linesOn(seen, honest) : [];
    if (other === undefined) {
      seen.untested('The driver did not report an ordinary fault either.');
      return;
    }
    const due = other.includes(' address=') ? wholeLineOf(record) : lineOf(record);
    seen.check(
      row.by,
      !row.taken || line === due,
      record,
      `The driver ${line === undefined ? 'drops the record' : `reports the record as '${line}'`}; it has to report '${due}'.`,
    );
  },

  mustCatch: {
    'fault-reserved-not-ignored': 'iommu/driver/fault/ignore-if-reserved-nonzero',
    'fault-reserved1-checked': 'iommu/driver/fault/ignore-reserved1',
    'fault-undefined-flags-dropped': 'iommu/driver/fault/ignore-undefined-flags',
    'fault-unknown-reason-dropped': 'iommu/driver/fault/unknown-reason-as-unknown',
    'fault-reason-32-bit': 'iommu/driver/fault/ignore-if-reserved-nonzero',
    'fault-reserved1-in-address': 'iommu/driver/fault/ignore-reserved1',
    'fault-flags-compared': 'iommu/driver/fault/ignore-undefined-flags',
  },
});
