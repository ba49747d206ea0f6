import { defineCase } from '../api/index.ts';

const FAILED = 128;

export default defineCase({
  id: 'initialization/without-map-unmap',
  title: 'A driver that cannot work without MAP_UNMAP sets FAILED and stops',
  demands:
    'MAP_UNMAP is the only mode of operation there is today, but a device may lack it. A driver that has nothing to fall back on ' +
    'must set FAILED and cease, so that nobody takes the device for one in use.',
  requirements: [
    'core/driver/features/failed-if-cannot-fall-back',
    'core/driver/init/stop-after-error',
    'iommu/prose/map-unmap-check',
  ],
  needs: { verbs: ['start'] },

  given: () => ({
    features: ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_INPUT_RANGE', 'VIRTIO_IOMMU_F_DOMAIN_RANGE'],
    endpoints: { dma: {} },
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const offered = seen
      .of('register-read')
      .find(({ device, structure }) => device === 'iommu' && structure === 'common');
    const started = seen.answers.find(({ verb }) => verb === 'start');
    if (!offered || !started) return;
    const request = seen.requests.find(({ name }) => name === 'MAP' || name === 'UNMAP');
    seen.check(
      'iommu/prose/map-unmap-check',
      request === undefined,
      request,
      `The driver sends ${request?.name} to a device that does not offer VIRTIO_IOMMU_F_MAP_UNMAP.`,
    );
    if (started.outcome !== 'not-ok') return;
    const failed = seen
      .of('register-write')
      .find(
        ({ device, structure, offset, value }) =>
          device === 'iommu' && structure === 'common' && offset === 20 && (Number(value) & FAILED) !== 0,
      );
    seen.check(
      'core/driver/features/failed-if-cannot-fall-back',
      failed !== undefined,
      started,
      'The device does not offer VIRTIO_IOMMU_F_MAP_UNMAP; the driver gave up and did not set FAILED.',
    );
    const kick = seen.of('notification').find(({ device, seq }) => device === 'iommu' && failed && seq > failed.seq);
    if (!failed) return;
    seen.check(
      'core/driver/init/stop-after-error',
      kick === undefined,
      kick,
      `The driver notifies queue ${kick?.queue} after it has set FAILED.`,
    );
  },

  mustCatch: {
    'failed-not-set': 'core/driver/features/failed-if-cannot-fall-back',
    'continues-after-failed': 'core/driver/init/stop-after-error',
    'continues-without-map-unmap': 'iommu/prose/map-unmap-check',
    'resets-instead-of-failed': 'core/driver/features/failed-if-cannot-fall-back',
  },
});
