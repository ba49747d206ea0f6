import { defineCase } from '../api/index.ts';

const MINIMAL = ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_MAP_UNMAP'] as const;

const DRIVER_OK = 4;

export default defineCase({
  id: 'initialization/plain-start',
  title: 'A device without any peculiarity is brought up to DRIVER_OK',
  demands:
    'The driver walks through all steps of the start sequence and ends with DRIVER_OK. A device without DRIVER_OK is not live ' +
    'and processes no request, so a driver that leaves it out waits for ever.',
  requirements: ['core/driver/init/sequence', 'core/driver/status/set-bits-in-sequence'],
  needs: { verbs: ['start'] },

  vary: { 'all-features': undefined, 'fewest-features': MINIMAL },

  given: (features) => ({ ...(features ? { features } : {}), endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen) {
    const enabled = seen.of('queue-enabled').find(({ device }) => device === 'iommu');
    const started = seen.answers.find(({ verb }) => verb === 'start');
    // A driver that gave up may stop anywhere.
    if (!enabled || started?.outcome !== 'ok') return;
    const driverOk = seen
      .of('register-write')
      .find(
        ({ device, structure, offset, value, seq }) =>
          device === 'iommu' &&
          structure === 'common' &&
          offset === 20 &&
          (Number(value) & DRIVER_OK) !== 0 &&
          seq < started.seq,
      );
    for (const id of ['core/driver/init/sequence', 'core/driver/status/set-bits-in-sequence'] as const) {
      seen.check(
        id,
        driverOk !== undefined,
        started,
        'The driver set its queues up and says that the device is in use; it has not set DRIVER_OK.',
      );
    }
  },

  mustCatch: {
    'driver-ok-never': 'core/driver/init/sequence',
  },
});
