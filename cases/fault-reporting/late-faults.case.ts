import { defineCase, type Scene } from '../api/index.ts';

const IOVA = 0x10_0000n;
const LENGTH = 0x1000;

/** What is done before the endpoint goes astray; each way `dma` has had a domain with a mapping. */
const PRELUDES = {
  'in-its-domain': async () => {},
  'at-address-0': async () => {},
  'after-unmap': async ({ driver }) => {
    await driver.unmap({ iova: IOVA, length: LENGTH });
  },
  'after-detach': async ({ driver }) => {
    await driver.detach({ endpoint: 'dma' });
  },
  'after-release': async ({ driver }) => {
    if (driver.offers('release')) await driver.try.release({ endpoint: 'dma' });
  },
  'after-unplug': async ({ driver }) => {
    if (driver.offers('unplug')) await driver.try.unplug({ endpoint: 'dma' });
  },
} as const satisfies Readonly<Record<string, (scene: Scene) => Promise<void>>>;

export default defineCase({
  id: 'fault-reporting/late-faults',
  title: 'A fault is reported as it is, also of an endpoint that its driver has done with, and at address 0',
  demands:
    'Faults come when they come: at an address that was unmapped a moment ago, from an endpoint that has left its domain, or that the ' +
    'guest has just given up. The record still names what it names, and the driver lives on.',
  requirements: ['iommu/prose/fault-record', 'platform/robustness/survives'],
  needs: { verbs: ['start', 'attach', 'detach', 'map', 'unmap', 'faults'] },

  vary: PRELUDES,

  given: () => ({ endpoints: { dma: {}, dma2: {} } }),

  async when(scene, prelude) {
    const { driver, machine } = scene;
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: LENGTH, access: 'read-write' });
    await driver.faults();
    await prelude(scene);
    const address = prelude === PRELUDES['at-address-0'] ? 0n : IOVA + 0x10_0000n;
    for (const place of [address, prelude === PRELUDES['in-its-domain'] ? IOVA + 0x1000n : IOVA]) {
      await machine.dma({ endpoint: 'dma', address: place, access: 'write', label: 'late' });
      for (let chance = 0; chance < 2; chance++) await driver.faults();
    }
    await driver.attach({ endpoint: 'dma2' });
  },

  then(seen) {
    // A driver that has died is judged by that.
    const last = seen.calls('faults').at(-1);
    if (last && seen.dma('late').length > 0) seen.held('platform/robustness/survives', last.answer);
  },

  mustCatch: {
    'panics-on-strange-fault': 'platform/robustness/survives',
    'fault-endpoint-misread': 'iommu/prose/fault-record',
  },
});
