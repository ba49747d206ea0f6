import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'operations/tail-reserved',
  title: 'The reserved bytes of the tail carry no meaning',
  demands:
    'A later version may put something into the three bytes behind the status. A driver of today must take a request for ' +
    'successful when its status says so, whatever stands there.',
  requirements: ['iommu/driver/ops/ignore-tail-reserved'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: { 'bytes-set': ['tail-reserved-nonzero'], 'bytes-zero': [] } as const,

  given: (faults) => ({ endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    await driver.try.unmap({ iova: 0x10_0000n, length: 0x1000 });
  },

  then(seen, faults) {
    for (const [verb, name] of [
      ['attach', 'ATTACH'],
      ['map', 'MAP'],
      ['unmap', 'UNMAP'],
    ] as const) {
      const asked = seen.of('verb').find((event) => event.verb === verb);
      const answer = seen.answers.find((event) => event.verb === verb);
      if (!asked || !answer) return;
      const sent = seen.named(name).filter(({ seq }) => seq > asked.seq && seq < answer.seq);
      const last = sent.at(-1);
      const tail = last && seen.answerTo(last)?.bytes.slice(-8);
      if (!last || sent.some((request) => seen.answerTo(request)?.status !== 0)) return;
      // What fails with zeros in the tail as well fails for another reason.
      if (faults.length === 0 && answer.outcome !== 'ok') return;
      seen.check(
        'iommu/driver/ops/ignore-tail-reserved',
        answer.outcome === 'ok',
        answer,
        `${name} was answered with the tail ${tail}, status 0, and '${verb}' fails: ${answer.reason ?? 'no reason given'}.`,
      );
    }
  },

  mustCatch: {
    'tail-reserved-checked': 'iommu/driver/ops/ignore-tail-reserved',
    'status-at-tail-end': 'iommu/driver/ops/ignore-tail-reserved',
  },
});
