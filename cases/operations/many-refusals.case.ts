import { defineCase } from '../api/index.ts';

const LIVE = 0x20_0000n;
const WANTED = 0x10_0000n;
const PAGE = 0x1000;

const REFUSALS = 12;
const ATTEMPTS = REFUSALS + 6;

export default defineCase({
  id: 'operations/many-refusals',
  title: 'After many refused requests the driver still works, and what was mapped before still is',
  demands:
    'A refused request is over: its descriptors and its memory come back to the driver, and other mappings have nothing to do ' +
    'with it. A driver that loses something with each refusal works until it has nothing left.',
  requirements: ['platform/map/exactly-as-asked', 'platform/robustness/survives'],
  needs: { verbs: ['start', 'attach', 'map'] },

  // The first is of the mapping that has to stay.
  given: () => ({
    endpoints: { dma: {}, dma2: {} },
    queueSizes: [8, 8],
    faults: Array.from({ length: REFUSALS }, (_, index) => ({
      name: 'status-of-request' as const,
      request: 'MAP' as const,
      during: 'map',
      nth: index + 2,
      status: 8,
    })),
  }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma', domain: 'quiet' });
    await driver.attach({ endpoint: 'dma2', domain: 'busy' });
    await driver.map({ domain: 'quiet', iova: LIVE, length: PAGE, access: 'read-write', buffer: 'live' });
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const iova = WANTED + BigInt(attempt * PAGE);
      await driver.try.map({ domain: 'busy', iova, length: PAGE, access: 'read-write' });
    }
    await machine.dma({ endpoint: 'dma', address: LIVE, access: 'read', label: 'live' });
  },

  then(seen) {
    const [live] = seen.dma('live');
    const last = seen.calls('map').at(-1);
    const refused = seen.named('MAP').filter((map) => (seen.answerTo(map)?.status ?? 0) !== 0);
    if (!live || !last || refused.length === 0) return;
    seen.check(
      'platform/map/exactly-as-asked',
      seen.world.reached(live),
      live,
      `After ${refused.length} refused MAPs in another domain an endpoint no longer reaches what is mapped for it.`,
    );
    if (refused.some(({ seq }) => seq > last.asked.seq)) return;
    seen.check(
      'platform/robustness/survives',
      last.ok,
      last.answer,
      `After ${refused.length} refused MAPs the driver maps nothing any more, though the device would: ${last.answer.reason ?? 'no reason given'}.`,
    );
  },

  mustCatch: {
    'descriptors-leak-on-failure': 'platform/robustness/survives',
    'error-rolls-back-others': 'platform/map/exactly-as-asked',
  },
});
