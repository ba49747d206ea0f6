import { defineCase, enablesVirtualFunctions, STATUS, statusWith } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/virtual-functions',
  title: 'Virtual functions are enabled when VIRTIO_F_SR_IOV has been negotiated, and not before',
  demands:
    'Virtual functions come into being as VIRTIO_F_SR_IOV says. A driver that enables them must have accepted the feature and must ' +
    'have seen that the device has let FEATURES_OK stand.',
  requirements: ['reserved-features/driver/negotiate-sr-iov-before-vfs'],
  needs: { verbs: ['start'] },

  given: () => ({
    offers: ['VIRTIO_F_SR_IOV'],
    endpoints: { dma: {} },
    faults: ['pci-virtual-functions'],
  }),

  async when({ driver }) {
    await driver.start();
  },

  then(seen) {
    const enabled = seen.events.find(enablesVirtualFunctions);
    if (!enabled) return;
    const negotiation = seen
      .of('features')
      .findLast(({ device, kept, seq }) => device === 'iommu' && kept && seq < enabled.seq);
    const stands =
      negotiation && statusWith(seen.events, 'register-read', STATUS.FEATURES_OK, { since: negotiation.seq });
    const accepted = seen.has('iommu', 'VIRTIO_F_SR_IOV');
    seen.check(
      'reserved-features/driver/negotiate-sr-iov-before-vfs',
      accepted && stands !== undefined && stands.seq < enabled.seq,
      enabled,
      accepted
        ? 'Virtual functions are enabled before the driver has read FEATURES_OK back.'
        : 'Virtual functions are enabled although VIRTIO_F_SR_IOV was not accepted.',
    );
  },

  mustCatch: {
    'vfs-before-features-ok': 'reserved-features/driver/negotiate-sr-iov-before-vfs',
    'vfs-without-sr-iov': 'reserved-features/driver/negotiate-sr-iov-before-vfs',
  },
});
