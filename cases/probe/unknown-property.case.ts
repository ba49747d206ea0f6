import { askAboutRegions, defineCase, hex, knowledgeOf } from '../api/index.ts';

const RESERVED = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };
const MSI = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };

export default defineCase({
  id: 'probe/unknown-property',
  title: 'A property of unknown type is skipped, and the properties behind it count',
  demands:
    'Later versions will add properties. A driver should step over those that it does not know, by their length, and must not ' +
    'stop there: the reserved regions may come behind.',
  requirements: [
    'iommu/driver/probe/ignore-unknown-type',
    'iommu/driver/probe/continue-after-ignored',
    'iommu/prose/probe-parse',
  ],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    'unknown-first': { unknown: true, known: true },
    // What a driver thinks of the last property may be what it thinks of the whole list.
    'unknown-alone': { unknown: true, known: false },
    'known-only': { unknown: false, known: true },
  },
  control: 'known-only',

  given: ({ unknown, known }) => ({
    endpoints: { dma: { resvMem: known ? [MSI, RESERVED] : [] } },
    faults: unknown ? ['probe-unknown-property'] : [],
  }),

  async when({ driver }, { known }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    if (known) await askAboutRegions(driver, [RESERVED]);
  },

  then(seen, { unknown }) {
    const shown = knowledgeOf(seen, RESERVED);
    if (!unknown) {
      if (shown?.isKnown === true) seen.held('iommu/prose/probe-parse', shown.at);
      return;
    }
    const probe = seen.named('PROBE').find((request) => seen.answerTo(request)?.status === 0);
    const [attach] = seen.calls('attach');
    if (!probe || !attach) return;
    seen.check(
      'iommu/driver/probe/ignore-unknown-type',
      seen.named('ATTACH').some(({ fields }) => fields.endpoint === probe.fields.endpoint),
      attach.answer,
      `PROBE reported a property of unknown type, and the driver sent no ATTACH for the endpoint: ${attach.answer.reason ?? 'no reason given'}.`,
    );
    seen.check(
      'iommu/driver/probe/continue-after-ignored',
      shown?.isKnown,
      shown?.at,
      `The driver does not know that ${hex(RESERVED.start)} to ${hex(RESERVED.end)} is reserved, as PROBE reported behind a property of unknown type.`,
    );
  },

  mustCatch: {
    'stops-at-unknown-property': 'iommu/driver/probe/continue-after-ignored',
    'unknown-property-fails-probe': 'iommu/driver/probe/ignore-unknown-type',
  },
});
