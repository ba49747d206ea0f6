import type { RequirementTable } from './row.ts';

/** What the specification demands of a driver in 4.1, virtio over PCI. In our words; `source` is file and line at v1.4-cs01. */
export const pciTransportRequirements = {
  'pci/driver/discovery/match-modern-id': {
    keyword: 'MUST',
    section: '4.1.2.2',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Discovery',
    source: 'transport-pci.tex:72',
    says: 'The driver has to match vendor 0x1AF4 with device ID 0x1040 + virtio device ID.',
  },
  'pci/driver/discovery/match-transitional-id': {
    keyword: 'MUST',
    section: '4.1.2.2',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Discovery',
    source: 'transport-pci.tex:78',
    says: 'Drivers of types that have a Transitional ID have to match that too.',
    notTestable: 'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
  },
  'pci/driver/discovery/match-any-revision': {
    keyword: 'MUST',
    section: '4.1.2.2',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Discovery',
    source: 'transport-pci.tex:83',
    says: 'Any PCI revision ID has to be accepted.',
  },
  'pci/driver/layout/access-width': {
    keyword: 'MUST',
    section: '4.1.3.1',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout',
    source: 'transport-pci.tex:111',
    says: 'Config fields have to be accessed with their natural width and alignment; 64-bit ones as 32-bit halves.',
  },
  'pci/driver/caps/ignore-reserved-cfg-type': {
    keyword: 'MUST',
    section: '4.1.4.1',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / Virtio Structure PCI Capabilities',
    source: 'transport-pci.tex:267',
    says: 'Capabilities with a reserved cfg_type have to be ignored.',
  },
  'pci/driver/caps/first-instance': {
    keyword: 'SHOULD',
    section: '4.1.4.1',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / Virtio Structure PCI Capabilities',
    source: 'transport-pci.tex:270',
    says: 'Of each type the first usable instance should be taken.',
  },
  'pci/driver/caps/accept-larger-cap-len': {
    keyword: 'MUST',
    section: '4.1.4.1',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / Virtio Structure PCI Capabilities',
    source: 'transport-pci.tex:273',
    says: 'A cap_len above the documented size has to be accepted.',
  },
  'pci/driver/caps/ignore-reserved-bar': {
    keyword: 'MUST',
    section: '4.1.4.1',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / Virtio Structure PCI Capabilities',
    source: 'transport-pci.tex:275',
    says: 'Capabilities with a reserved bar value (above 5) have to be ignored.',
  },
  'pci/driver/caps/map-only-needed': {
    keyword: 'SHOULD',
    section: '4.1.4.1',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / Virtio Structure PCI Capabilities',
    source: 'transport-pci.tex:278',
    says: 'Only the part of a structure needed for operation should be mapped.',
    notTestable: 'How much of a BAR a driver maps into its own address space, the device never learns.',
  },
  'pci/driver/caps/handle-large-length': {
    keyword: 'MUST',
    section: '4.1.4.1',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / Virtio Structure PCI Capabilities',
    source: 'transport-pci.tex:279',
    says: 'An unexpectedly large length has to be coped with.',
  },
  'pci/driver/caps/no-capability-writes': {
    keyword: 'MUST NOT',
    section: '4.1.4.1',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / Virtio Structure PCI Capabilities',
    source: 'transport-pci.tex:283',
    says: 'Capability fields may not be written, except those of the PCI_CFG capability.',
  },
  'pci/driver/common-cfg/no-write-to-read-only': {
    keyword: 'MUST NOT',
    section: '4.1.4.3.2',
    since: '1.0',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    source: 'transport-pci.tex:500',
    says: 'The fields marked read-only for the driver (offered features, queue count, generation, notify offset, notify config data) have to be left unwritten.',
  },
  'pci/driver/common-cfg/no-size-0-packed': {
    keyword: 'MUST NOT',
    section: '4.1.4.3.2',
    since: '1.1',
    when: ['VIRTIO_F_RING_PACKED'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    source: 'transport-pci.tex:505',
    says: 'With RING_PACKED 0 may not be written to queue_size.',
  },
  'pci/driver/common-cfg/power-of-2-size-split': {
    keyword: 'MUST NOT',
    section: '4.1.4.3.2',
    since: '1.0',
    when: ['split-rings'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    source: 'transport-pci.tex:507',
    says: 'Without RING_PACKED only powers of two may be written to queue_size.',
  },
  'pci/driver/common-cfg/configure-before-enable': {
    keyword: 'MUST',
    section: '4.1.4.3.2',
    since: '1.0',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    source: 'transport-pci.tex:509',
    says: 'All other fields of a queue have to be set before queue_enable.',
  },
  'pci/driver/common-cfg/wait-for-status-0': {
    keyword: 'MUST',
    section: '4.1.4.3.2',
    since: '1.0',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    source: 'transport-pci.tex:512',
    says: 'Re-initialization has to wait for device_status to read back as 0 following the reset write.',
  },
  'pci/driver/common-cfg/no-queue-disable': {
    keyword: 'MUST NOT',
    section: '4.1.4.3.2',
    since: '1.0',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    source: 'transport-pci.tex:515',
    says: 'queue_enable is one-way for the driver; it never stores 0 there.',
  },
  'pci/driver/common-cfg/queue-reset-wait': {
    keyword: 'MUST NOT',
    section: '4.1.4.3.2',
    since: '1.2',
    when: ['VIRTIO_F_RING_RESET'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    source: 'transport-pci.tex:518',
    says: 'A queue reset may not be taken as complete before queue_reset reads 0.',
  },
  'pci/driver/common-cfg/admin-index-used': {
    keyword: 'MUST',
    section: '4.1.4.3.2',
    since: '1.3',
    when: ['VIRTIO_F_ADMIN_VQ'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Common configuration structure layout',
    source: 'transport-pci.tex:527',
    says: 'Admin queues have to be configured with indexes inside the announced range.',
  },
  'pci/driver/isr/no-isr-with-msix': {
    keyword: 'SHOULD NOT',
    section: '4.1.4.5.2',
    since: '1.0',
    label: 'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / ISR status capability',
    source: 'transport-pci.tex:648',
    says: 'With MSI-X on, ISR should not be read upon a queue interrupt.',
  },
  'pci/driver/vendor-cap/debug-only': {
    keyword: 'SHOULD NOT',
    section: '4.1.4.8.2',
    since: '1.2',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Vendor data capability',
    source: 'transport-pci.tex:741',
    says: 'The vendor capability should be used only for debugging and reporting.',
  },
  'pci/driver/vendor-cap/qualify-vendor-id': {
    keyword: 'MUST',
    section: '4.1.4.8.2',
    since: '1.2',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Vendor data capability',
    source: 'transport-pci.tex:744',
    says: 'vendor_id has to be checked before the capability is interpreted or written.',
  },
  'pci/driver/pci-cfg-cap/offset-multiple-of-length': {
    keyword: 'MUST NOT',
    section: '4.1.4.9.2',
    since: '1.0',
    when: ['pci-cfg-window'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / PCI configuration access capability',
    source: 'transport-pci.tex:798',
    says: 'cap.offset written may not be anything but a multiple of cap.length.',
  },
  'pci/driver/pci-cfg-cap/aligned-accesses': {
    keyword: 'MUST',
    section: '4.1.4.9.2',
    since: '1.0',
    when: ['pci-cfg-window'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / PCI configuration access capability',
    source: 'transport-pci.tex:799',
    says: 'In other words all accesses through the window have to be aligned.',
  },
  'pci/driver/pci-cfg-cap/window-inside-structure': {
    keyword: 'MUST NOT',
    section: '4.1.4.9.2',
    since: '1.0',
    when: ['pci-cfg-window'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / PCI configuration access capability',
    source: 'transport-pci.tex:801',
    says: 'pci_cfg_data may be accessed only while the window lies within a BAR range described by another virtio capability.',
  },
  'pci/legacy/layout/legacy-driver-uses-bar0': {
    keyword: 'MUST',
    section: '4.1.4.10',
    since: '1.0',
    label:
      'sec:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Legacy Interfaces: A Note on PCI Device Layout',
    source: 'transport-pci.tex:813',
    says: 'In legacy mode transitional drivers use that structure.',
    notTestable: 'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
  },
  'pci/legacy/layout/legacy-config-after-header': {
    keyword: 'MUST',
    section: '4.1.4.10',
    since: '1.0',
    label:
      'sec:Virtio Transport Options / Virtio Over PCI Bus / PCI Device Layout / Legacy Interfaces: A Note on PCI Device Layout',
    source: 'transport-pci.tex:875',
    says: 'In legacy mode the device config is accessed right after the general headers.',
    notTestable: 'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
  },
  'pci/legacy/detection/transitional-scan-caps': {
    keyword: 'MUST',
    section: '4.1.5.1.1.1',
    since: '1.0',
    label:
      'sec:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / Virtio Device Configuration Layout Detection / Legacy Interface: A Note on Device Layout Detection',
    source: 'transport-pci.tex:958',
    says: 'A transitional driver, too, begins by searching the capability list for virtio structures.',
    notTestable: 'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
  },
  'pci/legacy/detection/transitional-assume-legacy': {
    keyword: 'MUST',
    section: '4.1.5.1.1.1',
    since: '1.0',
    label:
      'sec:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / Virtio Device Configuration Layout Detection / Legacy Interface: A Note on Device Layout Detection',
    source: 'transport-pci.tex:960',
    says: 'Without them transitional drivers take the device for a legacy one and use it so.',
    notTestable: 'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
  },
  'pci/legacy/detection/non-transitional-scan-caps': {
    keyword: 'MUST',
    section: '4.1.5.1.1.1',
    since: '1.0',
    label:
      'sec:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / Virtio Device Configuration Layout Detection / Legacy Interface: A Note on Device Layout Detection',
    source: 'transport-pci.tex:963',
    says: 'A modern-only driver walks the PCI capability list in search of the vendor-specific virtio structures.',
  },
  'pci/legacy/detection/non-transitional-fail-gracefully': {
    keyword: 'MUST',
    section: '4.1.5.1.1.1',
    since: '1.0',
    label:
      'sec:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / Virtio Device Configuration Layout Detection / Legacy Interface: A Note on Device Layout Detection',
    source: 'transport-pci.tex:965',
    says: 'Finding none, it treats the function as a legacy device and backs out cleanly.',
  },
  'pci/driver/msix/any-table-size': {
    keyword: 'MUST',
    section: '4.1.5.1.2.2',
    since: '1.0',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / MSI-X Vector Configuration',
    source: 'transport-pci.tex:1019',
    says: 'Any MSI-X Table Size from 0 to 0x7FF has to work.',
  },
  'pci/driver/msix/vector-within-table': {
    keyword: 'MUST NOT',
    section: '4.1.5.1.2.2',
    since: '1.0',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / MSI-X Vector Configuration',
    source: 'transport-pci.tex:1026',
    says: 'No vector outside the table may be mapped.',
  },
  'pci/driver/msix/verify-vector': {
    keyword: 'MUST',
    section: '4.1.5.1.2.2',
    since: '1.0',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Device Initialization / MSI-X Vector Configuration',
    source: 'transport-pci.tex:1031',
    says: 'After mapping, the vector field has to be read back and checked.',
  },
  'pci/driver/notify/16-bit': {
    keyword: 'MUST',
    section: '4.1.5.2.1',
    since: '1.3',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Available Buffer Notifications',
    source: 'transport-pci.tex:1103',
    says: 'Otherwise each kick is one 16-bit store.',
  },
  'pci/driver/notify/32-bit': {
    keyword: 'MUST',
    section: '4.1.5.2.1',
    since: '1.3',
    when: ['VIRTIO_F_NOTIFICATION_DATA'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Available Buffer Notifications',
    source: 'transport-pci.tex:1106',
    says: 'With NOTIFICATION_DATA in force each kick is one 32-bit store.',
  },
  'pci/driver/notify/value-is-index': {
    keyword: 'MUST',
    section: '4.1.5.2.1',
    since: '1.3',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Available Buffer Notifications',
    source: 'transport-pci.tex:1110',
    says: 'Without NOTIF_CONFIG_DATA and NOTIFICATION_DATA the value is the queue index.',
  },
  'pci/driver/notify/vq-index-field': {
    keyword: 'MUST',
    section: '4.1.5.2.1',
    since: '1.3',
    when: ['VIRTIO_F_NOTIFICATION_DATA'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Available Buffer Notifications',
    source: 'transport-pci.tex:1113',
    says: 'Without NOTIF_CONFIG_DATA but with NOTIFICATION_DATA the vq_index field is the queue index.',
  },
  'pci/driver/notify/value-is-config-data': {
    keyword: 'MUST',
    section: '4.1.5.2.1',
    since: '1.2',
    when: ['VIRTIO_F_NOTIF_CONFIG_DATA'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Available Buffer Notifications',
    source: 'transport-pci.tex:1120',
    says: 'With NOTIF_CONFIG_DATA but without NOTIFICATION_DATA the value is queue_notif_config_data.',
  },
  'pci/driver/notify/config-data-field': {
    keyword: 'MUST',
    section: '4.1.5.2.1',
    since: '1.2',
    when: ['VIRTIO_F_NOTIFICATION_DATA', 'VIRTIO_F_NOTIF_CONFIG_DATA'],
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Available Buffer Notifications',
    source: 'transport-pci.tex:1123',
    says: 'With both features the identifier field is queue_notif_config_data.',
  },
  'pci/driver/config-notify/handle-shared-irq': {
    keyword: 'MUST',
    section: '4.1.5.4.2',
    since: '1.0',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Notification of Device Configuration Changes',
    source: 'transport-pci.tex:1187',
    says: 'The driver has to cope with one interrupt meaning both.',
  },
} as const satisfies RequirementTable;
