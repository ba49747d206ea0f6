import { defineCase } from '../api/index.ts';

const FAILED = 128;
const DRIVER_OK = 4;

export default defineCase({
  id: 'initialization/features-ok-refused',
  title: 'The driver gives up when the device clears FEATURES_OK',
  demands:
    'FEATURES_OK has to be read back. If the device has cleared it, the device does not support that set of features: the driver ' +
    'must not go on, and should set FAILED to show that it has given up.',
  requirements: ['core/driver/init/stop-after-error', 'core/driver/init/failed-on-error'],
  needs: { verbs: ['start'] },

  vary: { refused: ['refuse-features-ok'], accepted: [] } as const,

  given: (faults) => ({ faults, endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen) {
    const refused = seen.of('features').find(({ device, kept }) => device === 'iommu' && !kept);
    if (!refused) {
      const kept = seen.of('features').find(({ device }) => device === 'iommu');
      if (kept) seen.check('core/driver/init/stop-after-error', true, kept, '');
      return;
    }
    const status = seen
      .of('register-write')
      .filter(
        ({ device, structure, offset, seq }) =>
          device === 'iommu' && structure === 'common' && offset === 20 && seq > refused.seq,
      );
    const wentOn = status.find(({ value }) => (Number(value) & DRIVER_OK) !== 0);
    const kick = seen.of('notification').find(({ device, seq }) => device === 'iommu' && seq > refused.seq);
    seen.check(
      'core/driver/init/stop-after-error',
      wentOn === undefined && kick === undefined,
      wentOn ?? kick,
      `The device cleared FEATURES_OK, and the driver ${wentOn ? 'sets DRIVER_OK' : 'notifies a queue'}.`,
    );
    seen.check(
      'core/driver/init/failed-on-error',
      status.some(({ value }) => (Number(value) & FAILED) !== 0),
      refused,
      'The device cleared FEATURES_OK, and the driver never set FAILED; it should when it gives up.',
    );
  },

  mustCatch: {
    'ignores-refused-features-ok': 'core/driver/init/stop-after-error',
    'failed-not-set': 'core/driver/init/failed-on-error',
  },
});
