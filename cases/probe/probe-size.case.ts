import { defineCase } from '../api/index.ts';

const REGION = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };
/** Of a RESV_MEM property. */
const REGION_BYTES = 24;

export default defineCase({
  id: 'probe/probe-size',
  title: 'The property buffer of PROBE is exactly probe_size bytes long',
  demands:
    'The device puts the tail behind probe_size bytes of properties. With a buffer of another length the two sides look for the ' +
    'status in different places.',
  requirements: ['iommu/driver/probe/properties-size'],
  needs: { verbs: ['start', 'attach'] },

  vary: {
    'too-small-for-a-property': 20,
    'one-property': 24,
    'two-properties': 48,
    'not-a-multiple-of-8': 53,
    default: 512,
    'one-page': 4096,
    'beyond-two-pages': 8196,
    '100-kib': 100 * 1024 + 1,
  },

  // As much as there is room for.
  given: (probe_size) => ({
    config: { probe_size },
    endpoints: { dma: { resvMem: probe_size < REGION_BYTES ? [] : [REGION] } },
  }),

  async when({ driver }) {
    await driver.start();
    // Some drivers leave an endpoint alone until somebody wants it.
    await driver.attach({ endpoint: 'dma' });
  },

  mustCatch: {
    'probe-size-clamped': 'iommu/driver/probe/properties-size',
    'probe-buffer-fixed': 'iommu/driver/probe/properties-size',
    'probe-buffer-without-tail': 'iommu/driver/probe/properties-size',
    'probe-buffer-short': 'iommu/driver/probe/properties-size',
  },
});
