import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'access-platform/refused-without',
  title: 'A driver whose device insists on ACCESS_PLATFORM accepts it, or leaves the device alone',
  demands:
    'A device behind an IOMMU may refuse FEATURES_OK to a driver that did not accept ACCESS_PLATFORM. The driver should ' +
    'accept the bit; if it did not and FEATURES_OK reads back as 0, it must not go on.',
  requirements: ['reserved-features/driver/accept-access-platform', 'core/driver/init/stop-after-error'],
  needs: { verbs: ['start', 'io'] },

  vary: { insists: true, tolerates: false },

  given: (insists) => ({ endpoints: { rng: { insistsOnAccessPlatform: insists }, dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
  },

  then(seen) {
    const negotiation = seen.of('features').findLast(({ device }) => device === 'rng');
    if (!negotiation) return;
    seen.check(
      'reserved-features/driver/accept-access-platform',
      seen.has('rng', 'VIRTIO_F_ACCESS_PLATFORM'),
      negotiation,
      'The driver of the endpoint did not accept ACCESS_PLATFORM, which was offered.',
    );
    if (negotiation.kept) return;
    const wentOn = seen.of('notification').find(({ device, seq }) => device === 'rng' && seq > negotiation.seq);
    seen.check(
      'core/driver/init/stop-after-error',
      wentOn === undefined,
      wentOn,
      'The device refused FEATURES_OK, and the driver notified it all the same; it must stop there.',
    );
  },

  mustCatch: {
    'no-access-platform': 'reserved-features/driver/accept-access-platform',
    'access-platform-refusal-ignored': 'core/driver/init/stop-after-error',
  },
});
