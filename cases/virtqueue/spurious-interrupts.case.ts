import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'virtqueue/spurious-interrupts',
  title: 'A spurious interrupt does no harm',
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
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    await driver.unmap({ iova: 0x10_0000n, length: 0x1000 });
  },

  then(seen) {
    const spurious = seen.of('interrupt').find(({ device, because }) => device === 'iommu' && because === 'spurious');
    if (!spurious) return seen.untested('No interrupt came for nothing: the driver takes none for requestq.');
    for (const { verb, ok, answer, requests } of seen.calls()) {
      const name = verb === 'attach' ? 'ATTACH' : verb === 'map' ? 'MAP' : undefined;
      if (name === undefined || spurious.seq > answer.seq) continue;
      const answers = requests(name).map((request) => seen.answerTo(request));
      if (answers.length === 0 || answers.some((completion) => (completion?.status ?? 0) !== 0)) continue;
      const isEarly = answers.some((completion) => completion === undefined || completion.seq > answer.seq);
      // A driver that gives up waiting may.
      if (isEarly && !ok) continue;
      seen.check(
        'split/driver/used-suppression/tolerate-spurious-notifications',
        !isEarly && ok,
        answer,
        isEarly
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
