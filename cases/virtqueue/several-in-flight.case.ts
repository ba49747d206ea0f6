import { type DeviceFault, defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;
const PLACES = [0x0000n, 0x2000n, 0x4000n, 0x6000n];

/** In which way the device lets go of what it has; '' is the case by its old name. */
const MANNERS = {
  '': [{ name: 'reorder-completions' }],
  'one-interrupt-for-all': [{ name: 'reorder-completions' }, { name: 'hold-notifications' }],
  'answers-late': [{ name: 'withhold-completion' }],
  'answers-late-and-reversed': [{ name: 'withhold-completion' }, { name: 'reorder-completions' }],
  'answers-and-interrupt-late': [
    { name: 'withhold-completion' },
    { name: 'reorder-completions' },
    { name: 'hold-notifications' },
  ],
} as const satisfies Readonly<Record<string, readonly DeviceFault[]>>;

export default defineCase({
  id: 'virtqueue/several-in-flight',
  title: 'Requests that are with the device together have descriptors of their own',
  demands:
    'A device may take all requests that it finds before it answers the first, answer the last one first, and tell of all of them by one ' +
    'interrupt. Until a request is on the used ring, its descriptors belong to the device.',
  requirements: ['core/driver/cleanup/no-change-of-exposed-entries'],
  needs: { verbs: ['start', 'attach', 'detach', 'map'] },

  vary: MANNERS,

  given: (faults) => ({ endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (const place of PLACES) {
      await driver.map({ iova: IOVA + place, length: 0x1000, access: 'read-write' });
    }
    // Taking mappings down with their domain, and putting them back, are the times to send several requests at once.
    await driver.detach({ endpoint: 'dma' });
    await driver.attach({ endpoint: 'dma' });
  },

  then(seen) {
    let inFlight = 0;
    let most = 0;
    for (const event of seen.events) {
      if (event.kind === 'request') inFlight++;
      if (event.kind === 'completion') inFlight--;
      most = Math.max(most, inFlight);
    }
    // What the driver makes of descriptors in flight, the monitor exposed-entries judges.
    if (most < 2) seen.untested('The driver sends one request at a time, and waits for its answer.');
  },

  mustCatch: {
    'descriptor-reused-in-flight': 'core/driver/cleanup/no-change-of-exposed-entries',
  },
});
