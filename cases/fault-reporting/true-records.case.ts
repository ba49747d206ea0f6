import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;
const UNMAPPED = 0xbad_0000n;

export default defineCase({
  id: 'fault-reporting/true-records',
  title: 'A fault is reported as the device tells it, and changes nothing else',
  demands:
    'A record names the endpoint, the address, and why the access went wrong. Whoever looks for the cause has nothing but that. A ' +
    'report is no order: the endpoint keeps its domain and its mappings.',
  requirements: ['iommu/prose/fault-record', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map', 'faults'] },

  given: () => ({
    endpoints: { dma: {} },
    without: ['no-fault-reports', 'fault-without-address', 'fault-unknown-reason'],
  }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const mapped = await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    if (!mapped.ok) return;
    await machine.dma({ endpoint: 'dma', address: UNMAPPED, access: 'read', label: 'astray' });
    for (let chance = 0; chance < 3; chance++) await driver.try.faults();
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped' });
  },

  then(seen) {
    const [astray] = seen.dma('astray');
    const [after] = seen.dma('mapped');
    if (!astray || !after || astray.outcome !== 'fault') return;
    seen.check(
      'platform/map/exactly-as-asked',
      after.outcome !== 'fault',
      after,
      'After a fault elsewhere the endpoint no longer reaches what is mapped for it.',
    );
    const reports = seen.answers
      .filter(({ verb }) => verb === 'faults')
      .flatMap(({ values }) => (Array.isArray(values['faults']) ? values['faults'].map(String) : []));
    const report = reports.find((line) => line.includes(`address=0x${UNMAPPED.toString(16)}`));
    if (report === undefined) return;
    const due = `mapping endpoint=0x${astray.endpointId.toString(16)}`;
    seen.check(
      'iommu/prose/fault-record',
      report.startsWith(`${due} `),
      astray,
      `The driver reports '${report}'; the record says '${due}'.`,
    );
  },

  mustCatch: {
    'fault-endpoint-misread': 'iommu/prose/fault-record',
    'fault-reason-off-by-one': 'iommu/prose/fault-record',
    'fault-detaches-endpoint': 'platform/map/exactly-as-asked',
  },
});
