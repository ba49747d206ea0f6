import { defineCase, type Seen } from '../api/index.ts';

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
  } as const,

  given: ({ fault }) => ({
    endpoints: { dma: {} },
    faults: [{ name: fault, nth: 1 }],
    without: ['fault-without-address'],
  }),

  async when({ driver, machine }) {
    await driver.try.start();
    await driver.try.faults();
    await machine.dma({ endpoint: 'dma', address: TAMPERED, access: 'read', label: 'tampered record' });
    await machine.dma({ endpoint: 'dma', address: HONEST, access: 'read', label: 'honest record' });
    for (let chance = 0; chance < 3; chance++) await driver.try.faults();
  },

  then(seen, { taken, by }) {
    // Drivers limit how much they print; without the honest record nothing can be said of the other.
    if (!reported(seen, HONEST)) {
      seen.untested('The driver did not report an ordinary fault either.');
      return;
    }
    const record = seen.of('fault-report')[0];
    const report = reported(seen, TAMPERED);
    seen.check(
      by,
      (report !== undefined) === taken &&
        (by !== 'iommu/driver/fault/unknown-reason-as-unknown' || (report ?? '').startsWith('unknown')),
      record,
      `The driver ${report === undefined ? 'dropped the record' : `reported it as '${report}'`}; it has to ${taken ? 'report it' : 'ignore it'}.`,
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

/** What the driver said of the fault at `address`, if anything. */
function reported(seen: Seen, address: bigint): string | undefined {
  const lists = seen.answers.filter(({ verb }) => verb === 'faults').map(({ values }) => values['faults']);
  return lists
    .flatMap((list) => (Array.isArray(list) ? list.map(String) : []))
    .find((line) => line.includes(`address=0x${address.toString(16)}`));
}
