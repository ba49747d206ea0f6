import { askAboutRegions, defineCase, hex, knowledgeOf } from '../api/index.ts';

/** Bytes of a RESV_MEM property. */
const PROPERTY = 24;

const REGION = { subtype: 0, start: 0x5000_0000n, end: 0x5000_ffffn };

export default defineCase({
  id: 'operations/answer-beyond-used-length',
  title: 'Bytes beyond the used length of a completed request are ignored',
  demands:
    'Only as many bytes of a buffer are known to be written as the used length says. A driver that finds a property of an ' +
    'endpoint behind them must not go by it: in another run there may be anything in that place.',
  requirements: [
    'split/driver/used/no-assumption-beyond-len',
    'split/driver/used/ignore-beyond-len',
    'iommu/prose/probe-parse',
  ],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { '': ['used-length-before-answer'], 'whole-length': [] } as const,
  control: 'whole-length',

  given: (faults) => ({
    endpoints: { dma: { resvMem: [REGION] } },
    faults: faults.map((name) => ({ name, request: 'PROBE' })),
  }),

  async when({ driver }) {
    await driver.start();
    // A driver may leave an endpoint alone whose PROBE failed, and still say what it believes of it.
    await driver.try.attach({ endpoint: 'dma' });
    await askAboutRegions(driver, [REGION]);
  },

  then(seen, faults) {
    const probe = seen.named('PROBE').find((request) => (seen.answerTo(request)?.usedLength ?? 0) > 0);
    const completion = probe && seen.answerTo(probe);
    const shown = knowledgeOf(seen, REGION);
    if (!completion || !shown) return;
    if (faults.length === 0) {
      if (shown.isKnown) seen.held('iommu/prose/probe-parse', shown.at);
      return;
    }
    if (completion.usedLength >= PROPERTY) return;
    const says = `PROBE came back with used length ${completion.usedLength}, and the driver heeds the region at ${hex(REGION.start)}, which lies behind those bytes.`;
    seen.check('split/driver/used/no-assumption-beyond-len', !shown.isKnown, shown.at, says);
    seen.check('split/driver/used/ignore-beyond-len', !shown.isKnown, shown.at, says);
  },

  mustCatch: {
    'ignores-short-used-length': ['split/driver/used/no-assumption-beyond-len', 'split/driver/used/ignore-beyond-len'],
    'looks-at-status-early': 'split/driver/used/no-assumption-beyond-len',
  },
});
