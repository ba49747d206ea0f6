import { defineCase } from '../api/index.ts';

/** Of this version of the specification. */
const USUAL = 40;

export default defineCase({
  id: 'config-layout/length',
  title: 'The device configuration may be shorter than this version of the specification has it, and longer',
  demands:
    'A device without BYPASS_CONFIG may end its configuration where bypass would begin, as all did before that field was added; a later ' +
    'version adds others. The driver looks whether what it needs is there, and asks for nothing else.',
  requirements: ['core/driver/config/no-exact-size', 'core/driver/config/check-minimum-size-only'],
  needs: { verbs: ['start', 'attach'] },

  // None of them has bypass, so that a driver which insists on that shows nothing by giving up.
  vary: { '36-bytes': 36, '40-bytes': USUAL, '48-bytes': 48, '1024-bytes': 1024 },
  control: '40-bytes',

  given: (configLength) => ({
    configLength,
    withholds: ['VIRTIO_IOMMU_F_BYPASS_CONFIG'],
    endpoints: { dma: {} },
  }),

  async when({ driver }) {
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen, configLength) {
    const [start] = seen.calls('start');
    // A driver may have other reasons to give up on an ordinary one.
    if (!start || (configLength === USUAL && !start.ok)) return;
    const says = `The device configuration has ${configLength} bytes, bypass is not offered, and the driver does not start: ${start.answer.reason ?? 'no reason given'}.`;
    seen.check('core/driver/config/check-minimum-size-only', start.ok, start.answer, says);
    // What may be missing from a shorter one is a matter of taste; a longer one has all that there is.
    if (configLength > USUAL) seen.check('core/driver/config/no-exact-size', start.ok, start.answer, says);
  },

  shippedIn: ['piemmm/tairix: refuses an IOMMU whose configuration has fewer than 40 bytes.'],

  mustCatch: {
    'config-below-40-refused': 'core/driver/config/check-minimum-size-only',
    'config-size-exact': ['core/driver/config/no-exact-size', 'core/driver/config/check-minimum-size-only'],
  },
});
