import { defineCase } from '../api/index.ts';
import { judgePlainRecord } from './fault-lines.ts';

const IOVA = 0x10_0000n;
const UNMAPPED = 0xbad_0000n;

export default defineCase({
  id: 'fault-reporting/true-records',
  title: 'A fault is reported as the device tells it, and changes nothing else',
  demands:
    'A record names the endpoint, the address, and why the access went wrong. Whoever looks for the cause has nothing but that. A ' +
    'report is no order: the endpoint keeps its domain and its mappings, and gets no others.',
  requirements: ['iommu/prose/fault-record', 'platform/map/exactly-as-asked', 'platform/isolation/endpoint-confined'],
  needs: { verbs: ['start', 'attach', 'map', 'faults'] },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    await driver.faults();
    await machine.dma({ endpoint: 'dma', address: UNMAPPED, access: 'read', label: 'astray' });
    for (let chance = 0; chance < 3; chance++) await driver.faults();
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped' });
    await machine.dma({ endpoint: 'dma', address: UNMAPPED, access: 'read', label: 'astray again' });
  },

  then(seen) {
    for (const access of seen.dma('astray')) judgePlainRecord(seen, access);
    for (const access of seen.dma('mapped')) {
      seen.check(
        'platform/map/exactly-as-asked',
        seen.world.reached(access),
        access,
        'After a fault elsewhere the endpoint no longer reaches what is mapped for it.',
      );
    }
  },

  mustCatch: {
    'fault-endpoint-misread': 'iommu/prose/fault-record',
    'fault-reason-off-by-one': 'iommu/prose/fault-record',
    'fault-detaches-endpoint': 'platform/map/exactly-as-asked',
    'fault-maps-page': 'platform/isolation/endpoint-confined',
  },
});
