import { CONTROL_ENDPOINT, defineCase, endpointId, heedsControlRegion, mapControlRegion } from '../api/index.ts';

const RESERVED = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };
const MSI = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };

export default defineCase({
  id: 'probe/unknown-property',
  title: 'A property of unknown type is skipped, and the properties behind it count',
  demands:
    'Later versions will add properties. A driver should step over those that it does not know, by their length, and must not ' +
    'stop there: the reserved regions may come behind.',
  requirements: ['iommu/driver/probe/ignore-unknown-type', 'iommu/driver/probe/continue-after-ignored'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    'unknown-first': { unknown: true, known: true },
    // What a driver thinks of the last property may be what it thinks of the whole list.
    'unknown-alone': { unknown: true, known: false },
    'known-only': { unknown: false, known: true },
  },

  given: ({ unknown, known }) => ({
    endpoints: { dma: { resvMem: known ? [MSI, RESERVED] : [] }, ...CONTROL_ENDPOINT },
    faults: unknown ? [{ name: 'probe-unknown-property', endpoint: endpointId('dma') }] : [],
  }),

  async when({ driver }, { known }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    if (!known) return;
    const beside = await driver.try.map({ iova: RESERVED.end + 1n, length: 0x1000, access: 'read-write' });
    if (!beside.ok) return;
    await driver.try.map({ iova: RESERVED.start, length: 0x1000, access: 'read-write' });
    await mapControlRegion(driver);
  },

  then(seen, { unknown, known }) {
    if (!seen.has('iommu', 'VIRTIO_IOMMU_F_PROBE')) return;
    const [beside, inside] = seen.answers.filter(({ verb }) => verb === 'map');
    if (unknown) {
      const probe = seen.named('PROBE').find((request) => seen.answerTo(request)?.status === 0);
      const answer = seen.answers.find(({ verb }) => verb === 'attach');
      if (!probe || !answer) return;
      seen.check(
        'iommu/driver/probe/ignore-unknown-type',
        seen.named('ATTACH').some(({ fields }) => fields.endpoint === probe.fields.endpoint),
        answer,
        `PROBE reported a property of unknown type, and the driver sent no ATTACH for the endpoint: ${answer.reason ?? 'no reason given'}.`,
      );
    }
    if (!known || beside?.outcome !== 'ok' || !inside || !heedsControlRegion(seen)) return;
    const map = seen.named('MAP').find(({ fields }) => {
      const { virt_start = 0n, virt_end = 0n } = fields;
      return virt_start <= RESERVED.end && virt_end >= RESERVED.start;
    });
    seen.check(
      'iommu/driver/probe/continue-after-ignored',
      map === undefined,
      map ?? inside,
      `MAP covers 0x${map?.fields.virt_start?.toString(16)}; PROBE reported 0x${RESERVED.start.toString(16)} to 0x${RESERVED.end.toString(16)} as reserved${unknown ? ', behind a property of unknown type' : ''}.`,
    );
  },

  mustCatch: {
    'stops-at-unknown-property': 'iommu/driver/probe/continue-after-ignored',
    'property-length-with-header': 'iommu/driver/probe/continue-after-ignored',
    'unknown-property-fails-probe': 'iommu/driver/probe/ignore-unknown-type',
  },
});
