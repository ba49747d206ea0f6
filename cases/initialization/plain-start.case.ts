import { defineCase, STATUS, statusWith } from '../api/index.ts';

const MINIMAL = ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_MAP_UNMAP'] as const;

export default defineCase({
  id: 'initialization/plain-start',
  title: 'A plain device is brought up to DRIVER_OK',
  demands:
    'The driver walks through all steps of the start sequence and ends with DRIVER_OK. A device without DRIVER_OK is not live ' +
    'and processes no request, so a driver that leaves it out waits for ever.',
  requirements: ['core/driver/init/sequence', 'core/driver/status/set-bits-in-sequence'],
  needs: { verbs: ['start'] },

  vary: { 'all-features': undefined, 'fewest-features': MINIMAL },

  given: (features) => ({ ...(features ? { features } : {}), endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
  },

  then(seen) {
    const [start] = seen.calls('start');
    if (!start?.ok) return;
    const driverOk = statusWith(seen.events, 'register-write', STATUS.DRIVER_OK);
    seen.check(
      'core/driver/init/sequence',
      driverOk !== undefined && driverOk.seq < start.answer.seq,
      start.answer,
      'The driver says that the device is in use, and has not set DRIVER_OK.',
    );
  },

  mustCatch: {
    'driver-ok-never': 'core/driver/init/sequence',
  },
});
