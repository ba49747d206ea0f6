import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'virtqueue/spurious-interrupts',
  title: 'An interrupt with nothing new on the used ring does no harm',
  demands:
    'Notifications of used buffers are hints, and may come for nothing. Only what stands on the used ring tells that a request has ' +
    'been answered.',
  requirements: ['split/driver/used-suppression/tolerate-spurious-notifications'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'answers-in-time': [{ name: 'spurious-interrupt' }],
    'MAP-answered-late': [
      { name: 'spurious-interrupt', request: 'ATTACH' },
      { name: 'withhold-completion', request: 'MAP' },
    ],
  } as const,

  given: (faults) => ({ endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const mapped = await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    if (mapped.ok) await driver.try.unmap({ iova: 0x10_0000n, length: 0x1000 });
  },

  then(seen) {
    // Without an interrupt vector for requestq none can come.
    const spurious = seen.of('interrupt').find(({ device, because }) => device === 'iommu' && because === 'spurious');
    if (!spurious) return;
    for (const [verb, name] of [
      ['attach', 'ATTACH'],
      ['map', 'MAP'],
      ['unmap', 'UNMAP'],
    ] as const) {
      const asked = seen.of('verb').find((event) => event.verb === verb);
      const answer = seen.answers.find((event) => event.verb === verb);
      if (!asked || !answer) return;
      const sent = seen.named(name).filter(({ seq }) => seq > asked.seq && seq < answer.seq);
      const early = sent.find((request) => {
        const completion = seen.answerTo(request);
        return completion === undefined || completion.seq > answer.seq;
      });
      if (sent.length === 0 || sent.some((request) => (seen.answerTo(request)?.status ?? 0) !== 0)) return;
      seen.check(
        'split/driver/used-suppression/tolerate-spurious-notifications',
        answer.outcome === 'ok' ? early === undefined : early !== undefined,
        answer,
        early
          ? `'${verb}' was answered with ok before ${name} was on the used ring; an interrupt for nothing had come.`
          : `'${verb}' fails (${answer.reason ?? 'no reason given'}) although ${name} was answered with OK; an interrupt for nothing had come.`,
      );
    }
  },

  mustCatch: {
    'looks-at-status-early': 'split/driver/used-suppression/tolerate-spurious-notifications',
    'spurious-interrupt-as-completion': 'split/driver/used-suppression/tolerate-spurious-notifications',
  },
});
