import { defineCase, STATUS, statusWith } from '../api/index.ts';

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

  vary: { '': ['VIRTIO_IOMMU_F_MAP_UNMAP'], 'with-map-unmap': [] } as const,
  control: 'with-map-unmap',

  given: (withholds) => ({ withholds, endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, withholds) {
    const offered = seen
      .of('register-read')
      .find(({ device, structure }) => device === 'iommu' && structure === 'common');
    const [start] = seen.calls('start');
    if (!offered || !start) return;
    if (withholds.length === 0) {
      seen.check('iommu/prose/map-unmap-check', start.ok || undefined, start.answer, '');
      return;
    }
    const request = seen.requests.find(({ name }) => name === 'MAP' || name === 'UNMAP');
    seen.check(
      'iommu/prose/map-unmap-check',
      request === undefined,
      request,
      `The driver sends ${request?.name} to a device that does not offer VIRTIO_IOMMU_F_MAP_UNMAP.`,
    );
    if (start.ok) return;
    // That nothing follows FAILED, the monitor device-status judges.
    seen.check(
      'core/driver/features/failed-if-cannot-fall-back',
      statusWith(seen.events, 'register-write', STATUS.FAILED) !== undefined,
      start.answer,
      'The device does not offer VIRTIO_IOMMU_F_MAP_UNMAP; the driver gave up and did not set FAILED.',
    );
  },

  mustCatch: {
    'failed-not-set': 'core/driver/features/failed-if-cannot-fall-back',
    'continues-after-failed': 'core/driver/init/stop-after-error',
    'continues-without-map-unmap': 'iommu/prose/map-unmap-check',
    'resets-instead-of-failed': 'core/driver/features/failed-if-cannot-fall-back',
  },
});
