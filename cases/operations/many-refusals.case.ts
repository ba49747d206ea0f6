import { defineCase } from '../api/index.ts';

const LIVE = 0x20_0000n;
const WANTED = 0x10_0000n;
const NOMEM = 8;

/** Some drivers send a MAP or two of their own; one that lost a descriptor with each of these would have none left. */
const REFUSED = Array.from({ length: 12 }, (_, index) => index + 6);
const ATTEMPTS = REFUSED.length + 6;

export default defineCase({
  id: 'operations/many-refusals',
  title: 'After many refused requests the driver still works, and what was mapped before still is',
  demands:
    'A refused request is over: its descriptors and its memory come back to the driver, and other mappings have nothing to do ' +
    'with it. A driver that loses something with each refusal works until it has nothing left.',
  requirements: ['platform/map/exactly-as-asked', 'platform/robustness/survives'],
  needs: { verbs: ['start', 'attach', 'map'] },

  given: () => ({
    endpoints: { dma: {}, dma2: {} },
    queueSizes: [8, 8],
    faults: REFUSED.map((nth) => ({ name: 'status-of-request', request: 'MAP', nth, status: NOMEM }) as const),
  }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma', domain: 'quiet' });
    await driver.try.attach({ endpoint: 'dma2', domain: 'busy' });
    const live = await driver.try.map({
      domain: 'quiet',
      iova: LIVE,
      length: 0x1000,
      access: 'read-write',
      buffer: 'live',
    });
    if (!live.ok) return;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await driver.try.map({
        domain: 'busy',
        iova: WANTED + BigInt(attempt) * 0x1000n,
        length: 0x1000,
        access: 'read-write',
      });
    }
    await machine.dma({ endpoint: 'dma', address: LIVE, access: 'read', label: 'live' });
  },

  then(seen) {
    const [live] = seen.dma('live');
    const refused = seen.named('MAP').filter((map) => seen.answerTo(map)?.status === NOMEM);
    const stood = seen.named('MAP').some((map) => map.fields.virt_start === LIVE && seen.answerTo(map)?.status === 0);
    if (!live || !stood || refused.length === 0) return;
    seen.check(
      'platform/map/exactly-as-asked',
      live.outcome !== 'fault',
      live,
      `After ${refused.length} refused MAPs in another domain an endpoint no longer reaches what was mapped for it.`,
    );
    const asked = seen.of('verb').findLast(({ verb }) => verb === 'map');
    const answer = seen.answers.findLast(({ verb }) => verb === 'map');
    if (!asked || !answer || refused.some(({ seq }) => seq > asked.seq)) return;
    seen.check(
      'platform/robustness/survives',
      answer.outcome === 'ok',
      answer,
      `After ${refused.length} refused MAPs the driver maps nothing any more, though the device would: ${answer.reason ?? 'no reason given'}.`,
    );
  },

  mustCatch: {
    'descriptors-leak-on-failure': 'platform/robustness/survives',
    'error-rolls-back-others': 'platform/map/exactly-as-asked',
  },
});
