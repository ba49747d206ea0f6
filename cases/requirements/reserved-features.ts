import { blocksOf } from './row.ts';

const block = blocksOf({ source: 'content.tex', since: '1.1' });

/** What the specification demands of a driver in chapter 6, reserved feature bits. In our words; files and lines are those of v1.4-cs01. */
export const reservedFeaturesRequirements = {
  ...block({
    section: '6.1',
    label: 'drivernormative:Reserved Feature Bits',
    rows: {
      'reserved-features/driver/accept-version-1': {
        since: '1.0',
        MUST: 'VERSION_1 has to be accepted when offered.',
        line: 951,
      },
      'reserved-features/driver/accept-access-platform': {
        SHOULD: 'ACCESS_PLATFORM should be accepted when offered.',
        line: 954,
      },
      'reserved-features/driver/iommu-setup-for-access-platform': {
        MUST: 'After accepting ACCESS_PLATFORM the driver either turns the IOMMU off or sets it up so that bus addresses reach memory.',
        line: 954,
      },
      'reserved-features/driver/physical-addresses-otherwise': {
        MUST: 'Addresses handed over have to be physical ones if the device did not offer ACCESS_PLATFORM.',
        line: 957,
      },
      'reserved-features/driver/accept-ring-packed': {
        SHOULD: 'RING_PACKED should be accepted when offered.',
        line: 960,
      },
      'reserved-features/driver/accept-order-platform': {
        SHOULD: 'ORDER_PLATFORM should be accepted when offered.',
        line: 962,
      },
      'reserved-features/driver/barriers-for-order-platform': {
        MUST: 'With ORDER_PLATFORM negotiated, barriers fit for hardware devices have to be used.',
        line: 963,
        notTestable:
          'A missing barrier shows only by chance, and only where the processor reorders accesses; no trace proves that one is there.',
      },
      'reserved-features/driver/no-sr-iov-without-capability': {
        'MUST NOT': 'SR_IOV may not be negotiated without a PCI SR-IOV capability or off PCI.',
        line: 968,
      },
      'reserved-features/driver/negotiate-sr-iov-before-vfs': {
        MUST: 'SR_IOV has to be negotiated, FEATURES_OK check included, before virtual functions are enabled.',
        line: 970,
        when: ['virtual-functions'],
      },
      'reserved-features/driver/accept-notif-config-data': {
        since: '1.2',
        SHOULD: 'NOTIF_CONFIG_DATA should be accepted when offered.',
        line: 981,
      },
    },
  }),
  ...block({
    section: '6.3',
    since: '1.0',
    label: 'sec:Reserved Feature Bits / Legacy Interface: Reserved Feature Bits',
    rows: {
      'reserved-features/legacy/accept-any-layout': {
        MUST: 'Transitional drivers accept ANY_LAYOUT when offered.',
        line: 1033,
        notTestable:
          'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
      },
      'reserved-features/legacy/bit-30-not-negotiated': {
        'SHOULD NOT': 'Bit 30 should not be negotiated.',
        line: 1041,
      },
    },
  }),
};
