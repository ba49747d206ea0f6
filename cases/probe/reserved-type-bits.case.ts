import { defineCase } from '../api/index.ts';

const TAMPERED = { start: 0x4000_0000n, end: 0x4000_ffffn };
const BESIDE = 0x5000_0000n;

export default defineCase({
  id: 'probe/reserved-type-bits',
  title: 'A property whose reserved type bits are set is ignored, whatever its type says',
  demands:
    'The upper four bits of the type are kept for later versions, in which they will change what the property means. A driver that ' +
    'masks them away reads something into the property that it does not say.',
  requirements: ['iommu/driver/probe/ignore-reserved-bits-property'],
  needs: { verbs: ['start', 'attach', 'map'] },

  given: () => ({
    endpoints: { dma: {} },
    faults: [{ name: 'probe-reserved-type-bits', range: TAMPERED }],
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const beside = await driver.try.map({ iova: BESIDE, length: 0x1000, access: 'read-write' });
    if (beside.ok) await driver.try.map({ iova: TAMPERED.start, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const reported = seen.of('completion').some(({ fault }) => fault?.includes('probe-reserved-type-bits'));
    const [beside, inside] = seen.answers.filter(({ verb }) => verb === 'map');
    if (!reported || beside?.outcome !== 'ok' || !inside) return;
    seen.check(
      'iommu/driver/probe/ignore-reserved-bits-property',
      inside.outcome === 'ok',
      inside,
      `A property with reserved type bits set names 0x${TAMPERED.start.toString(16)} to 0x${TAMPERED.end.toString(16)}, and the driver refuses to map there (${inside.reason ?? 'no reason given'}); it maps 0x${BESIDE.toString(16)}.`,
    );
  },

  shippedIn: [
    'Linux, drivers/iommu/virtio-iommu.c since 5.3: viommu_probe_endpoint() masks the reserved bits of a type away.',
  ],

  mustCatch: {
    'property-type-masked': 'iommu/driver/probe/ignore-reserved-bits-property',
    'property-type-8-bit': 'iommu/driver/probe/ignore-reserved-bits-property',
  },
});
