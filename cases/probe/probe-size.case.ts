import { counted, defineCase } from '../api/index.ts';

const TAIL = 4;

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
  },

  given: (probe_size) => ({ config: { probe_size }, endpoints: { dma: {} } }),

  async when({ driver }) {
    const started = await driver.try.start();
    // Some drivers leave an endpoint alone until somebody wants it.
    if (started.ok) await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen, probe_size) {
    if (!seen.has('iommu', 'VIRTIO_IOMMU_F_PROBE')) return;
    for (const probe of seen.requests.filter(({ name }) => name === 'PROBE')) {
      seen.check(
        'iommu/driver/probe/properties-size',
        probe.writableLength === probe_size + TAIL,
        probe,
        `PROBE leaves ${counted(probe.writableLength, 'byte')} for the device to write; probe_size is ${probe_size}, so it has to be ${probe_size + TAIL}.`,
      );
    }
  },

  mustCatch: {
    'probe-buffer-fixed': 'iommu/driver/probe/properties-size',
    'probe-buffer-without-tail': 'iommu/driver/probe/properties-size',
    'probe-buffer-short': 'iommu/driver/probe/properties-size',
  },
});
