import { defineCase } from '../api/index.ts';

const VF_ENABLE = 1n;
const FEATURES_OK = 8n;
/** VF Enable lies in SR-IOV Control, the extended capability being the first. */
const SR_IOV_CONTROL = 0x108;

export default defineCase({
  id: 'transport-pci/virtual-functions',
  title: 'Virtual functions are enabled when VIRTIO_F_SR_IOV has been negotiated, and not before',
  demands:
    'Virtual functions come into being as VIRTIO_F_SR_IOV says. A driver that enables them must have accepted the feature and must ' +
    'have seen that the device has let FEATURES_OK stand.',
  requirements: ['reserved-features/driver/negotiate-sr-iov-before-vfs'],
  needs: { verbs: ['start'], freshPciConfig: true },

  given: () => ({
    features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_SR_IOV', 'VIRTIO_IOMMU_F_MAP_UNMAP', 'VIRTIO_IOMMU_F_BYPASS_CONFIG'],
    endpoints: { dma: {} },
    faults: ['pci-virtual-functions'],
  }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen) {
    const enabled = seen
      .of('register-write')
      .find(
        ({ device, structure, offset, value }) =>
          device === 'iommu' && structure === 'pci-config' && offset === SR_IOV_CONTROL && (value & VF_ENABLE) !== 0n,
      );
    if (!enabled) {
      seen.notApplicable('The driver enables no virtual functions.');
      return;
    }
    const negotiation = seen
      .of('features')
      .findLast(({ device, kept, seq }) => device === 'iommu' && kept && seq < enabled.seq);
    const looked = seen
      .of('register-read')
      .some(
        ({ device, field, value, seq }) =>
          device === 'iommu' &&
          field === 'device_status' &&
          seq > (negotiation?.seq ?? Infinity) &&
          seq < enabled.seq &&
          (value & FEATURES_OK) !== 0n,
      );
    const accepted = seen.has('iommu', 'VIRTIO_F_SR_IOV');
    seen.check(
      'reserved-features/driver/negotiate-sr-iov-before-vfs',
      accepted && looked,
      enabled,
      accepted
        ? 'Virtual functions are enabled before the driver has seen FEATURES_OK stand.'
        : 'Virtual functions are enabled although VIRTIO_F_SR_IOV was not accepted.',
    );
  },

  mustCatch: {
    'vfs-before-features-ok': 'reserved-features/driver/negotiate-sr-iov-before-vfs',
    'vfs-without-sr-iov': 'reserved-features/driver/negotiate-sr-iov-before-vfs',
  },
});
