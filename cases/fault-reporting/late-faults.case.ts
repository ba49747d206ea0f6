import { defineCase, type Scene, type SlotName } from '../api/index.ts';

const IOVA = 0x10_0000n;
const LENGTH = 0x1000;
const FAR = IOVA + 0x10_0000n;

interface Row {
  /** What is done before the endpoint goes astray; each way it has had a domain with a mapping. */
  readonly before?: (scene: Scene, endpoint: SlotName) => Promise<unknown>;
  /** Where it goes astray: far behind the mapping, and where that is or was, if left out. */
  readonly places?: readonly bigint[];
  /** `dma` if left out. One that is no PCI function has no Bus Master Enable by which its driver could silence it. */
  readonly endpoint?: SlotName;
}

const released: Row['before'] = async ({ driver }, endpoint) =>
  driver.offers('release') && driver.try.release({ endpoint });

export default defineCase({
  id: 'fault-reporting/late-faults',
  title: 'A fault is reported as it is, also of an endpoint that its driver has done with, and at address 0',
  demands:
    'Faults come when they come: at an address that was unmapped a moment ago, from an endpoint that has left its domain, or that the ' +
    'guest has just given up. The record still names what it names, and the driver lives on.',
  requirements: ['iommu/prose/fault-record', 'platform/robustness/survives'],
  needs: { verbs: ['start', 'attach', 'detach', 'map', 'unmap', 'faults'] },

  vary: {
    'in-its-domain': { places: [FAR, IOVA + BigInt(LENGTH)] },
    'at-address-0': { places: [0n, IOVA] },
    'after-unmap': { before: ({ driver }) => driver.unmap({ iova: IOVA, length: LENGTH }) },
    'after-detach': { before: ({ driver }, endpoint) => driver.detach({ endpoint }) },
    'after-release': { before: released },
    'after-release-of-a-platform-device': { before: released, endpoint: 'platform' },
    'after-unplug': {
      before: async ({ driver }, endpoint) => driver.offers('unplug') && driver.try.unplug({ endpoint }),
    },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ endpoint = 'dma' }: Row) => ({
    ...(endpoint === 'platform' && { topology: 'mmio' as const }),
    endpoints: { [endpoint]: {}, dma2: {} },
  }),

  async when(scene, { before, places = [FAR, IOVA], endpoint = 'dma' }: Row) {
    const { driver, machine } = scene;
    await driver.start();
    await driver.attach({ endpoint });
    await driver.map({ iova: IOVA, length: LENGTH, access: 'read-write' });
    await driver.faults();
    await before?.(scene, endpoint);
    for (const address of places) {
      await machine.dma({ endpoint, address, access: 'write', label: 'late' });
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
