import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'operations/returned-unwritten',
  title: 'A request that comes back with used length 0 counts as failed',
  demands:
    'A device that cannot make sense of a request gives it back without having written a status. What stands in the tail is then ' +
    "the driver's own, and a zero there looks like OK.",
  requirements: ['iommu/driver/ops/zero-used-len-is-failure'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    ATTACH: { request: 'ATTACH', verb: 'attach' },
    MAP: { request: 'MAP', verb: 'map' },
    UNMAP: { request: 'UNMAP', verb: 'unmap' },
  } as const,

  given: ({ request }) => ({ endpoints: { dma: {} }, faults: [{ name: 'zero-used-length', request }] }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const mapped = await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
    if (mapped.ok) await driver.try.unmap({ iova: 0x10_0000n, length: 0x1000 });
  },

  then(seen, { request, verb }) {
    const asked = seen.of('verb').find((event) => event.verb === verb);
    const answer = seen.answers.find((event) => event.verb === verb);
    if (!asked || !answer) return;
    const sent = seen.named(request).filter(({ seq }) => seq > asked.seq && seq < answer.seq);
    const unwritten = sent.filter((event) => seen.answerTo(event)?.usedLength === 0);
    if (sent.length === 0 || unwritten.length < sent.length) return;
    seen.check(
      'iommu/driver/ops/zero-used-len-is-failure',
      answer.outcome !== 'ok',
      answer,
      `Every ${request} came back with used length 0, and '${verb}' was answered with ok; it should count as failed.`,
    );
  },

  mustCatch: {
    'ignores-zero-used-length': 'iommu/driver/ops/zero-used-len-is-failure',
    'failed-unmap-accepted': 'iommu/driver/ops/zero-used-len-is-failure',
  },
});
