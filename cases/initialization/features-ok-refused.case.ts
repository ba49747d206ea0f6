import { defineCase, STATUS, statusWith } from '../api/index.ts';

export default defineCase({
  id: 'initialization/features-ok-refused',
  title: 'The driver gives up when the device clears FEATURES_OK',
  demands:
    'FEATURES_OK has to be read back. If the device has cleared it, the device does not support that set of features: the driver ' +
    'must not go on, and should set FAILED to show that it has given up.',
  requirements: ['core/driver/init/stop-after-error', 'core/driver/init/failed-on-error', 'core/driver/init/sequence'],
  needs: { verbs: ['start'] },

  vary: { refused: ['refuse-features-ok'], accepted: [] } as const,

  given: (faults) => ({ faults, endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
  },

  then(seen) {
    // That the driver goes no further, the monitor device-status judges.
    const refused = seen.of('features').find(({ device, kept }) => device === 'iommu' && !kept);
    if (!refused) return;
    seen.check(
      'core/driver/init/failed-on-error',
      statusWith(seen.events, 'register-write', STATUS.FAILED, { since: refused.seq }) !== undefined,
      refused,
      'The device cleared FEATURES_OK, and the driver never set FAILED; it should when it gives up.',
    );
  },

  mustCatch: {
    'ignores-refused-features-ok': 'core/driver/init/stop-after-error',
    'failed-not-set': 'core/driver/init/failed-on-error',
  },
});
