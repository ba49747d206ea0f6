import { defineCase, type Driver, DEFAULT_FEATURES, type TopologyName } from '../api/index.ts';

/** A range that suits drivers with pages of up to 64 KiB. */
const RANGE = { iova: 0x10_0000n, length: 0x1_0000 } as const;

type Step = (driver: Driver) => Promise<unknown>;

const attach: Step = (driver) => driver.attach({ endpoint: 'dma' });
const detach: Step = (driver) => driver.detach({ endpoint: 'dma' });
const mapAt =
  (iova: bigint): Step =>
  (driver) =>
    driver.map({ iova, length: RANGE.length, access: 'read-write' });
const transfer: Step = (driver) => driver.io({ endpoint: 'rng' });

/** What is asked for after the start. */
const DEEDS: Readonly<Record<string, readonly Step[]>> = {
  start: [],
  mapping: [attach, mapAt(RANGE.iova), (driver) => driver.unmap(RANGE)],
  detaching: [attach, detach],
  // Mappings that come back with their domain are the occasion to send several requests at once.
  returning: [attach, mapAt(0x20_0000n), mapAt(0x40_0000n), mapAt(0x60_0000n), detach, attach],
  allocation: [
    (driver) => driver.alloc({ endpoint: 'dma', buffer: 'b', length: RANGE.length, access: 'read-write' }),
    (driver) => driver.free({ endpoint: 'dma', buffer: 'b' }),
  ],
  transfer: [transfer, transfer],
};

/** How the IOMMU can be reached, and the driver told of it. */
const MACHINES: Readonly<Record<string, TopologyName>> = {
  '': 'plain',
  '-over-mmio': 'mmio',
  '-by-device-tree': 'device-tree',
  '-by-device-tree-over-mmio': 'device-tree-mmio',
};

interface Row {
  readonly topology: TopologyName;
  readonly steps: readonly Step[];
  /** Last address of input_range. */
  readonly end?: bigint;
}

/** QEMU had it until 8.2. */
const LAST_OF_64_BITS = 0xffff_ffff_ffff_ffffn;

const ROWS: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(
    Object.entries(MACHINES).flatMap(([machine, topology]) =>
      Object.entries(DEEDS).map(([deed, steps]) => [`${deed}${machine}`, { topology, steps }]),
    ),
  ),
  'allocation-in-64-bits': { topology: 'plain', steps: DEEDS['allocation']!, end: LAST_OF_64_BITS },
  'transfer-in-64-bits': { topology: 'plain', steps: DEEDS['transfer']!, end: LAST_OF_64_BITS },
};

export default defineCase({
  id: 'initialization/claimed-verbs',
  title: 'The verbs that a driver claims work in the baseline configuration',
  demands:
    'The verbs, transports and topologies of a manifest are those that the driver has. In front of a device without any peculiarity ' +
    'all of them work. What is refused even here is not held against the driver in odd machines.',
  requirements: ['platform/contract/claimed-verbs-work'],
  needs: { verbs: ['start', 'stop'] },

  vary: ROWS,

  // A driver may do without granules that are larger than its processor's pages, without short queues, and without a device that
  // lacks a feature, whatever the profile.
  given: ({ topology, end }) => ({
    topology,
    offers: DEFAULT_FEATURES,
    queueSizes: [256, 64],
    config: {
      page_size_mask: 0xffff_ffff_ffff_f000n,
      ...(end !== undefined && { input_range: { start: 0n, end } }),
    },
    endpoints: { rng: {}, dma: {} },
  }),

  async when({ driver }, { steps }) {
    await driver.start();
    for (const step of steps) await step(driver);
  },

  then(seen, { steps }) {
    for (const { verb, ok, answer } of seen.calls()) {
      // That a driver does not start, or does not stop, is judged once.
      if (steps.length > 0 && (verb === 'start' || verb === 'stop')) continue;
      seen.check(
        'platform/contract/claimed-verbs-work',
        ok,
        answer,
        `The driver advertises '${verb}', but it fails in the baseline configuration: ${answer.reason ?? 'no reason given'}.`,
      );
    }
  },

  mustCatch: {
    'descriptor-length-zero': 'platform/contract/claimed-verbs-work',
    'offer-unread': 'platform/contract/claimed-verbs-work',
    'used-event-not-moved': 'platform/contract/claimed-verbs-work',
    'waits-for-interrupt-only': 'platform/contract/claimed-verbs-work',
    'alloc-in-resv-mem': 'platform/contract/claimed-verbs-work',
    'iova-given-twice': 'platform/contract/claimed-verbs-work',
    'top-overflow': 'platform/contract/claimed-verbs-work',
    'wants-vendor-data': 'platform/contract/claimed-verbs-work',
  },
});
