import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'feature-bits/foreign',
  title: 'Feature bits that mean nothing for this device are ignored, and are no reason to fail',
  demands:
    'A device of a later version may offer bits that this driver does not know. The driver must not accept them, and must not ' +
    'refuse the device because of them.',
  requirements: [
    'core/driver/features/ignore-foreign-bits',
    'core/driver/features/not-accept-foreign-bits',
    'core/driver/features/not-fail-on-unknown',
  ],
  needs: { verbs: ['start'] },

  vary: {
    none: [],
    'device-type-bits': [7, 15, 23],
    'low-and-high-words': [8, 55],
    'reserved-for-the-future': [44, 49],
    'highest-bit': [63],
  },

  given: (foreignFeatureBits) => ({ foreignFeatureBits, endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen, bits) {
    const read = seen
      .of('register-read')
      .find(({ device, structure, offset }) => device === 'iommu' && structure === 'common' && offset === 4);
    if (!read || bits.length === 0) return;
    seen.check(
      'core/driver/features/not-fail-on-unknown',
      seen.of('features').some(({ device }) => device === 'iommu'),
      read,
      `The driver read the offered features, bits ${bits.join(', ')} among them, and gave up before FEATURES_OK.`,
    );
  },

  mustCatch: {
    'accepts-every-offered-bit': 'core/driver/features/not-accept-foreign-bits',
    'refuses-foreign-device-bits': 'core/driver/features/not-fail-on-unknown',
    'refuses-unknown-reserved-bits': 'core/driver/features/not-fail-on-unknown',
  },
});
