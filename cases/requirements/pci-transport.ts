import { blocksOf } from './row.ts';

const block = blocksOf({ source: 'transport-pci.tex', since: '1.0' });

/** What the specification demands of a driver in 4.1, virtio over PCI. In our words; files and lines are those of v1.4-cs01. */
export const pciTransportRequirements = {
  ...block({
    section: '4.1.2.2',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Discovery',
    rows: {
      'pci/driver/discovery/match-modern-id': {
        MUST: 'The driver has to match vendor 0x1AF4 with device ID 0x1040 + virtio device ID.',
        line: 72,
      },
      'pci/driver/discovery/match-transitional-id': {
        MUST: 'Drivers of types that have a Transitional ID have to match that too.',
        line: 78,
        notTestable:
          'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
      },
      'pci/driver/discovery/match-any-revision': { MUST: 'Any PCI revision ID has to be accepted.', line: 83 },
    },
  }),
  ...block({
    section: '4.1.3.1',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout',
    rows: {
      'pci/driver/layout/access-width': {
        MUST: 'Config fields have to be accessed with their natural width and alignment; 64-bit ones as 32-bit halves.',
        line: 111,
      },
    },
  }),
  ...block({
    section: '4.1.4.1',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / Virtio Structure PCI Capabilities',
    rows: {
      'pci/driver/caps/ignore-reserved-cfg-type': {
        MUST: 'Capabilities with a reserved cfg_type have to be ignored.',
        line: 267,
      },
      'pci/driver/caps/first-instance': {
        SHOULD: 'Of each type of virtio structure the first usable instance should be taken.',
        line: 270,
      },
      'pci/driver/caps/accept-larger-cap-len': {
        MUST: 'A cap_len above the documented size has to be accepted.',
        line: 273,
      },
      'pci/driver/caps/ignore-reserved-bar': {
        MUST: 'Capabilities with a reserved bar value (above 5) have to be ignored.',
        line: 275,
      },
      'pci/driver/caps/map-only-needed': {
        SHOULD: 'Only the part of a structure needed for operation should be mapped.',
        line: 278,
        notTestable: 'How much of a BAR a driver maps into its own address space, the device never learns.',
      },
      'pci/driver/caps/handle-large-length': {
        MUST: 'A structure with an unexpectedly large length has to be accepted.',
        line: 279,
      },
      'pci/driver/caps/no-capability-writes': {
        'MUST NOT': 'Capability fields may not be written, except those of the PCI_CFG capability.',
        line: 283,
      },
    },
  }),
  ...block({
    section: '4.1.4.3.2',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    rows: {
      'pci/driver/common-cfg/no-write-to-read-only': {
        'MUST NOT':
          'The fields marked read-only for the driver (offered features, queue count, generation, notify offset, notify config data) have to be left unwritten.',
        line: 500,
      },
      'pci/driver/common-cfg/no-size-0-packed': {
        since: '1.1',
        'MUST NOT': 'With RING_PACKED 0 may not be written to queue_size.',
        line: 505,
        when: ['VIRTIO_F_RING_PACKED'],
      },
      'pci/driver/common-cfg/power-of-2-size-split': {
        'MUST NOT': 'Without RING_PACKED only powers of two may be written to queue_size.',
        line: 507,
        when: ['split-rings'],
      },
      'pci/driver/common-cfg/configure-before-enable': {
        MUST: 'All other fields of a queue have to be set before queue_enable.',
        line: 509,
      },
      'pci/driver/common-cfg/wait-for-status-0': {
        MUST: 'Re-initialization has to wait for device_status to read back as 0 following the reset write.',
        line: 512,
      },
      'pci/driver/common-cfg/no-queue-disable': {
        'MUST NOT': 'queue_enable is one-way for the driver; it never stores 0 there.',
        line: 515,
      },
      'pci/driver/common-cfg/queue-reset-wait': {
        since: '1.2',
        'MUST NOT': 'A queue reset may not be taken as complete before queue_reset reads 0.',
        line: 518,
        when: ['VIRTIO_F_RING_RESET'],
      },
      'pci/driver/common-cfg/admin-index-used': {
        since: '1.3',
        MUST: 'Admin queues have to be configured with indexes inside the announced range.',
        line: 527,
        when: ['VIRTIO_F_ADMIN_VQ'],
      },
    },
  }),
  ...block({
    section: '4.1.4.5.2',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / ISR status capability',
    rows: {
      'pci/driver/isr/no-isr-with-msix': {
        'SHOULD NOT': 'With MSI-X on, ISR should not be read upon a queue interrupt.',
        line: 648,
      },
    },
  }),
  ...block({
    section: '4.1.4.8.2',
    since: '1.2',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Vendor data capability',
    rows: {
      'pci/driver/vendor-cap/debug-only': {
        'SHOULD NOT': 'The vendor capability should be used only for debugging and reporting.',
        line: 741,
      },
      'pci/driver/vendor-cap/qualify-vendor-id': {
        MUST: 'vendor_id has to be checked before the capability is interpreted or written.',
        line: 744,
      },
    },
  }),
  ...block({
    section: '4.1.4.9.2',
    when: ['pci-cfg-window'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / PCI configuration access capability',
    rows: {
      'pci/driver/pci-cfg-cap/offset-multiple-of-length': {
        'MUST NOT': 'The driver may not write a cap.offset that is no multiple of cap.length.',
        line: 798,
      },
      'pci/driver/pci-cfg-cap/aligned-accesses': {
        MUST: 'All accesses through the window in PCI configuration space have to be aligned.',
        line: 799,
      },
      'pci/driver/pci-cfg-cap/window-inside-structure': {
        'MUST NOT':
          'pci_cfg_data may be accessed only while the window lies within a BAR range described by another virtio capability.',
        line: 801,
      },
    },
  }),
  ...block({
    section: '4.1.4.10',
    label:
      'sec:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Legacy Interfaces: A Note on PCI Device Layout',
    notTestable: 'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
    rows: {
      'pci/legacy/layout/legacy-driver-uses-bar0': {
        MUST: 'In legacy mode transitional drivers use the legacy configuration structure in BAR0.',
        line: 813,
      },
      'pci/legacy/layout/legacy-config-after-header': {
        MUST: 'In legacy mode the device config is accessed right after the general headers.',
        line: 875,
      },
    },
  }),
  ...block({
    section: '4.1.5.1.1.1',
    label:
      'sec:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / Virtio Device Configuration Layout Detection / Legacy Interface: A Note on Device Layout Detection',
    rows: {
      'pci/legacy/detection/transitional-scan-caps': {
        MUST: 'A transitional driver looks for the virtio structures on the PCI capability list.',
        line: 958,
        notTestable:
          'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
      },
      'pci/legacy/detection/transitional-assume-legacy': {
        MUST: 'If there are no virtio capabilities, transitional drivers take the device for a legacy one and use it so.',
        line: 960,
        notTestable:
          'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
      },
      'pci/legacy/detection/non-transitional-scan-caps': {
        MUST: 'A non-transitional driver looks for the virtio structures on the PCI capability list.',
        line: 963,
      },
      'pci/legacy/detection/non-transitional-fail-gracefully': {
        MUST: 'If there are no virtio capabilities, a non-transitional driver takes the function for a legacy device and fails gracefully.',
        line: 965,
      },
    },
  }),
  ...block({
    section: '4.1.5.1.2.2',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / MSI-X Vector Configuration',
    rows: {
      'pci/driver/msix/any-table-size': { MUST: 'Any MSI-X Table Size from 0 to 0x7FF has to work.', line: 1019 },
      'pci/driver/msix/vector-within-table': {
        'MUST NOT': 'No event may be mapped to a vector outside the MSI-X table.',
        line: 1026,
      },
      'pci/driver/msix/verify-vector': {
        MUST: 'After mapping an event to a vector, the driver reads the vector field back and checks it.',
        line: 1031,
      },
    },
  }),
  ...block({
    section: '4.1.5.2.1',
    since: '1.3',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Available Buffer Notifications',
    rows: {
      'pci/driver/notify/16-bit': {
        MUST: 'Without NOTIFICATION_DATA an available buffer notification is one 16-bit write.',
        line: 1103,
      },
      'pci/driver/notify/32-bit': {
        MUST: 'With NOTIFICATION_DATA negotiated an available buffer notification is one 32-bit write.',
        line: 1106,
        when: ['VIRTIO_F_NOTIFICATION_DATA'],
      },
      'pci/driver/notify/value-is-index': {
        MUST: 'Without NOTIF_CONFIG_DATA and NOTIFICATION_DATA the value of a notification is the queue index.',
        line: 1110,
      },
      'pci/driver/notify/vq-index-field': {
        MUST: 'Without NOTIF_CONFIG_DATA but with NOTIFICATION_DATA the field vq_index of a notification is the queue index.',
        line: 1113,
        when: ['VIRTIO_F_NOTIFICATION_DATA'],
      },
      'pci/driver/notify/value-is-config-data': {
        since: '1.2',
        MUST: 'With NOTIF_CONFIG_DATA but without NOTIFICATION_DATA the value of a notification is queue_notif_config_data.',
        line: 1120,
        when: ['VIRTIO_F_NOTIF_CONFIG_DATA'],
      },
      'pci/driver/notify/config-data-field': {
        since: '1.2',
        MUST: 'With NOTIF_CONFIG_DATA and NOTIFICATION_DATA the field vq_notify_config_data of a notification is queue_notif_config_data.',
        line: 1123,
        when: ['VIRTIO_F_NOTIFICATION_DATA', 'VIRTIO_F_NOTIF_CONFIG_DATA'],
      },
    },
  }),
  ...block({
    section: '4.1.5.4.2',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Notification of Device Configuration Changes',
    rows: {
      'pci/driver/config-notify/handle-shared-irq': {
        MUST: 'The driver handles both a configuration change and used buffers where one interrupt signals both.',
        line: 1187,
      },
    },
  }),
};
