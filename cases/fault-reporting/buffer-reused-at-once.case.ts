import { defineCase } from '../api/index.ts';

const ENDPOINTS = ['dma', 'dma2'] as const;
/** More than eventq holds. */
const FAULTS = 6;

export default defineCase({
  id: 'fault-reporting/buffer-reused-at-once',
  title: 'A record is read before its buffer goes back to the device, which may fill it again at once',
  demands:
    'Once a buffer is available the device may write to it. One that has more to report does so at that moment, and a driver that ' +
    'reads the record afterwards reads the next one: one fault is reported twice, and one never.',
  requirements: ['iommu/prose/fault-record'],
  needs: { verbs: ['start', 'attach', 'faults'] },

  vary: { 'one-buffer': 1, 'two-buffers': 2, 'four-buffers': 4 },

  given: (size) => ({
    queueSizes: [256, size],
    endpoints: { dma: {}, dma2: {} },
    faults: ['late-fault-records'],
  }),

  async when({ driver, machine }) {
    await driver.start();
    // Only an endpoint that somebody lets master the bus can go astray.
    for (const endpoint of ENDPOINTS) await driver.attach({ endpoint, domain: endpoint });
    await driver.faults();
    for (let fault = 0; fault < FAULTS; fault++) {
      const address = 0xbad_0000n + BigInt(fault * 0x1_0000);
      await machine.dma({ endpoint: ENDPOINTS[fault % 2]!, address, access: 'read', label: 'astray' });
    }
    for (let chance = 0; chance < FAULTS + 2; chance++) await driver.faults();
  },

  mustCatch: { 'event-early': 'iommu/prose/fault-record' },
  shippedIn: [
    'Linux reset the head of the event queue of SMMUv3 after an overflow and not before the next record could come (71d8bdb75f48, 2023): the same race seen from another queue.',
  ],
});
