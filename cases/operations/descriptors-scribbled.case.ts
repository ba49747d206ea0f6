import { defineCase, type DeviceFault } from '../api/index.ts';

const MAPPING = { iova: 0x10_0000n, length: 0x1000 } as const;

const scribbled = (request: DeviceFault['request']): DeviceFault =>
  request ? { name: 'scribbled-descriptors', request } : { name: 'scribbled-descriptors' };

export default defineCase({
  id: 'operations/descriptors-scribbled',
  title: 'Descriptors of a completed request are not read back',
  demands:
    'Descriptors lie in memory that the device can write to. A driver that follows them to take a request back goes wherever a hostile ' +
    'device leads it: in a circle, beyond the table, or to memory of somebody else. It has to keep for itself what it gave away.',
  requirements: ['platform/robustness/survives-hostile'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: { every: undefined, ATTACH: 'ATTACH', MAP: 'MAP', UNMAP: 'UNMAP' } as const,

  given: (request) => ({ endpoints: { dma: {} }, faults: [scribbled(request)] }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (let round = 0; round < 3; round++) {
      await driver.map({ ...MAPPING, access: 'read-write' });
      await machine.dma({ endpoint: 'dma', address: MAPPING.iova, access: 'read', label: 'mapped' });
      await driver.unmap(MAPPING);
    }
  },

  then(seen) {
    const last = seen.calls('unmap').at(-1);
    const struck = seen.of('completion').find(({ fault }) => fault?.includes('scribbled-descriptors'));
    if (!struck) return seen.untested('No request was returned with its descriptors written over.');
    if (last?.ok) seen.held('platform/robustness/survives-hostile', last.answer);
  },

  mustCatch: { 'descriptor-readback': 'platform/robustness/survives-hostile' },
  shippedIn: [
    'Linux took address and length of a DMA mapping from the descriptor in shared memory until 72b5e8958738 (2021).',
  ],
});
