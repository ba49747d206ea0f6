import { defineCase, type DriverVerbs, type Outcome, type TopologyName } from '../api/index.ts';

/** A range that suits drivers with pages of up to 64 KiB. */
const RANGE = { iova: 0x10_0000n, length: 0x1_0000 } as const;

type Step = (driver: DriverVerbs) => Promise<Outcome>;

const MAPPING: readonly Step[] = [
  (driver) => driver.attach({ endpoint: 'dma' }),
  (driver) => driver.map({ ...RANGE, access: 'read-write' }),
  (driver) => driver.unmap(RANGE),
];
const DETACHING: readonly Step[] = [
  (driver) => driver.attach({ endpoint: 'dma' }),
  (driver) => driver.detach({ endpoint: 'dma' }),
];
const ALLOCATION: readonly Step[] = [
  (driver) => driver.alloc({ endpoint: 'dma', buffer: 'b', length: RANGE.length, access: 'read-write' }),
  (driver) => driver.free({ endpoint: 'dma', buffer: 'b' }),
];
const TRANSFER: readonly Step[] = [
  (driver) => driver.io({ endpoint: 'rng' }),
  (driver) => driver.io({ endpoint: 'rng' }),
];

/** What is asked for after the start, each step only if those before it worked. */
interface Row {
  readonly topology: TopologyName;
  readonly steps: readonly Step[];
}

export default defineCase({
  id: 'initialization/claimed-verbs',
  title: 'What the driver says that it can do works in an ordinary machine',
  demands:
    'The verbs, transports and topologies of a manifest are those that the driver has. In front of a device without any peculiarity ' +
    'all of them work. What is refused even here is not held against the driver in odd machines.',
  requirements: ['platform/contract/claimed-verbs-work'],
  needs: { verbs: ['start', 'stop'] },

  vary: {
    start: { topology: 'plain', steps: [] },
    'start-over-mmio': { topology: 'mmio', steps: [] },
    'start-by-device-tree': { topology: 'device-tree', steps: [] },
    'start-by-device-tree-over-mmio': { topology: 'device-tree-mmio', steps: [] },
    mapping: { topology: 'plain', steps: MAPPING },
    detaching: { topology: 'plain', steps: DETACHING },
    allocation: { topology: 'plain', steps: ALLOCATION },
    transfer: { topology: 'plain', steps: TRANSFER },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ topology }) => ({ topology, endpoints: { rng: {}, dma: {} } }),

  async when({ driver }, { steps }) {
    const started = await driver.start();
    if (!started.ok) return;
    for (const step of steps) {
      const { ok } = await step(driver);
      if (!ok) return;
    }
  },

  then(seen, { steps }) {
    // That a driver does not start, or does not stop, is judged once.
    const isOwn = ({ verb }: { readonly verb: string }): boolean =>
      steps.length === 0 || (verb !== 'start' && verb !== 'stop');
    for (const answer of seen.answers.filter(isOwn)) {
      seen.check(
        'platform/contract/claimed-verbs-work',
        answer.outcome === 'ok',
        answer,
        `'${answer.verb}' is one of the driver's verbs, and fails in an ordinary machine: ${answer.reason ?? 'no reason given'}.`,
      );
    }
  },

  mustCatch: {
    'offer-unread': 'platform/contract/claimed-verbs-work',
    'used-event-not-moved': 'platform/contract/claimed-verbs-work',
    'detach-16-bytes': 'platform/contract/claimed-verbs-work',
    'alloc-in-resv-mem': 'platform/contract/claimed-verbs-work',
    'rng-ring-not-mapped': 'platform/contract/claimed-verbs-work',
    'iova-given-twice': 'platform/contract/claimed-verbs-work',
    'wants-vendor-data': 'platform/contract/claimed-verbs-work',
  },
});
