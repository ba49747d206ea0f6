import { defineCase } from '../api/index.ts';

const REGION = { subtype: 0, start: 0x5000_0000n, end: 0x5000_ffffn };

const IDS = ['split/driver/used/no-assumption-beyond-len', 'split/driver/used/ignore-beyond-len'] as const;

export default defineCase({
  id: 'operations/answer-beyond-used-length',
  title: 'What lies behind the used length of an answer is not believed',
  demands:
    'Only as many bytes of a buffer are known to be written as the used length says. A driver that finds a property of an ' +
    'endpoint behind them must not go by it: in another run there may be anything in that place.',
  requirements: IDS,
  needs: { verbs: ['start', 'attach', 'regions'] },

  given: () => ({
    endpoints: { dma: { resvMem: [REGION] } },
    faults: [{ name: 'used-length-before-answer', request: 'PROBE' }],
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.regions({ endpoint: 'dma' });
  },

  then(seen) {
    const answer = seen.answers.find(({ verb }) => verb === 'regions');
    const probes = seen.named('PROBE').filter(({ seq }) => answer !== undefined && seq < answer.seq);
    const completion = probes[0] && seen.answerTo(probes[0]);
    if (!answer || !completion || seen.has('iommu', 'VIRTIO_F_RING_PACKED')) return;
    const believed = JSON.stringify(answer.values).toLowerCase().includes(REGION.start.toString(16));
    for (const id of IDS) {
      seen.check(
        id,
        !believed,
        answer,
        `PROBE came back with used length ${completion.usedLength}, and the driver knows of the region that lies behind those bytes.`,
      );
    }
  },

  mustCatch: {
    'ignores-short-used-length': ['split/driver/used/no-assumption-beyond-len', 'split/driver/used/ignore-beyond-len'],
    'looks-at-status-early': 'split/driver/used/no-assumption-beyond-len',
  },
});
