import { blocksOf } from './row.ts';

const block = blocksOf({ source: 'content.tex', since: '1.0' });

/** What the specification demands of a driver in chapters 2 and 3: status, features, reset, configuration, initialization, clean-up, suspend. In our words; files and lines are those of v1.4-cs01. */
export const coreRequirements = {
  ...block({
    section: '2.1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Device Status Field',
    rows: {
      'core/driver/status/set-bits-in-sequence': {
        MUST: 'Each completed initialization step must be recorded by setting its status bit, in the order given in 3.1.',
        line: 61,
      },
      'core/driver/status/never-clear-bit': {
        'MUST NOT': 'A status bit once set may not be cleared by the driver (writing 0, i.e. a reset, excepted).',
        line: 66,
      },
      'core/driver/status/reset-after-failed': {
        MUST: 'After setting FAILED the driver resets the device before it tries to initialize it again.',
        line: 68,
      },
      'core/driver/status/no-reliance-under-needs-reset': {
        'SHOULD NOT': 'With DEVICE_NEEDS_RESET set, the driver should not count on outstanding operations finishing.',
        line: 70,
      },
    },
  }),
  ...block({
    section: '2.2.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Feature Bits',
    rows: {
      'core/driver/features/only-offered': {
        'MUST NOT': 'Only features that were offered may be accepted.',
        line: 142,
      },
      'core/driver/features/dependencies': {
        'MUST NOT': 'A feature whose prerequisite was not accepted may not be accepted either.',
        line: 143,
        notTestable:
          'No feature of virtio-iommu, and no reserved one that a driver may accept there, requires another.',
      },
      'core/driver/features/validate-offered': {
        since: '1.3',
        MUST: 'The driver checks the feature bits that the device offers.',
        line: 146,
      },
      'core/driver/features/ignore-foreign-bits': {
        since: '1.3',
        MUST: 'Bits that are undefined, reserved, unsupported on the transport or not defined for the device type have to be ignored.',
        line: 147,
      },
      'core/driver/features/not-accept-foreign-bits': {
        since: '1.3',
        'MUST NOT':
          'No bit may be accepted that is undefined, reserved, unsupported on the transport or not defined for the device type.',
        line: 147,
      },
      'core/driver/features/backward-compat-mode': {
        SHOULD: 'When a feature it understands is missing, the driver should fall back to working without it.',
        line: 155,
      },
      'core/driver/features/failed-if-cannot-fall-back': {
        MUST: 'If it cannot work without the missing feature, the driver sets FAILED and stops initializing.',
        line: 156,
      },
      'core/driver/features/not-fail-on-unknown': {
        since: '1.3',
        'MUST NOT': 'An offered bit the driver does not know is no reason to fail.',
        line: 159,
      },
    },
  }),
  ...block({
    section: '2.2.3',
    label: 'sec:Basic Facilities of a Virtio Device / Feature Bits / Legacy Interface: A Note on Feature Bits',
    notTestable: 'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
    rows: {
      'core/legacy/features/transitional-driver-detects-legacy-device': {
        MUST: 'A transitional driver recognizes a legacy device by VERSION_1 not being offered.',
        line: 190,
      },
      'core/legacy/features/legacy-sections-apply': {
        MUST: 'Transitional devices and drivers in legacy mode follow the legacy sections.',
        line: 205,
      },
    },
  }),
  ...block({
    section: '2.4.2',
    since: '1.2',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Device Reset',
    rows: {
      'core/driver/reset/complete-on-zero-read': {
        SHOULD: 'A reset started by the driver counts as finished once status reads 0.',
        line: 262,
      },
    },
  }),
  ...block({
    section: '2.5.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Device Configuration Space',
    rows: {
      'core/driver/config/no-atomicity-beyond-32-bit': {
        'MUST NOT': 'Reads wider than 32 bits, or of several fields, may not be taken as atomic.',
        line: 284,
      },
      'core/driver/config/generation-loop': {
        SHOULD: 'Config reads should be bracketed by generation reads and repeated until both agree.',
        line: 286,
      },
      'core/driver/config/check-feature-before-access': {
        MUST: 'An optional field may be accessed only after checking that its feature is offered.',
        line: 297,
      },
      'core/driver/config/no-exact-size': {
        'MUST NOT': 'Structure size and config space size may not be limited by the driver.',
        line: 304,
      },
      'core/driver/config/check-minimum-size-only': {
        SHOULD: 'Of the size of config space, the driver should verify only that it is large enough.',
        line: 306,
      },
    },
  }),
  ...block({
    section: '2.5.4',
    label:
      'sec:Basic Facilities of a Virtio Device / Device Configuration Space / Legacy Interface: Device Configuration Space',
    rows: {
      'core/legacy/config/legacy-read-twice': {
        SHOULD: 'In legacy mode drivers should read fields of several bytes again until two reads agree.',
        line: 337,
        notTestable:
          'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
      },
    },
  }),
  ...block({
    section: '2.6.1.1.2',
    since: '1.2',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / Virtqueue Reset / Virtqueue Reset',
    rows: {
      'core/driver/vq-reset/verify-queue-reset': {
        MUST: 'After requesting a queue reset the driver has to check that it took place.',
        line: 424,
        when: ['VIRTIO_F_RING_RESET'],
      },
    },
  }),
  ...block({
    section: '2.6.1.2.2',
    since: '1.2',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / Virtqueue Reset / Virtqueue Re-enable',
    rows: {
      'core/driver/vq-reenable/reconfigure-fully': {
        MUST: 'To re-enable a queue all its parameters have to be set up again as at first, possibly with other values.',
        line: 442,
        when: ['VIRTIO_F_RING_RESET'],
      },
    },
  }),
  ...block({
    section: '3.1.1',
    label: 'drivernormative:General Initialization And Device Operation / Device Initialization',
    rows: {
      'core/driver/init/sequence': {
        MUST: 'Initialization follows the eight steps: reset, ACKNOWLEDGE, DRIVER, features, FEATURES_OK, re-read status, device setup, DRIVER_OK.',
        line: 521,
      },
      'core/driver/init/no-config-write-early': {
        'MUST NOT': 'During feature negotiation the driver may not write device config.',
        line: 533,
      },
      'core/driver/init/no-features-after-ok': {
        'MUST NOT': 'Once FEATURES_OK is set no further feature may be accepted.',
        line: 535,
      },
      'core/driver/init/failed-on-error': {
        SHOULD: 'If a step of the initialization fails for good, the driver should set FAILED.',
        line: 550,
      },
      'core/driver/init/stop-after-error': {
        'MUST NOT': 'After a step has failed for good, initialization may not be continued.',
        line: 553,
      },
      'core/driver/init/no-notify-before-driver-ok': {
        'MUST NOT': 'No available-buffer notification may be sent before DRIVER_OK.',
        line: 555,
      },
    },
  }),
  ...block({
    section: '3.1.2',
    label:
      'sec:General Initialization And Device Operation / Device Initialization / Legacy Interface: Device Initialization',
    rows: {
      'core/legacy/init/transitional-driver-skips-features-ok': {
        MUST: 'In legacy mode the transitional driver leaves out the two FEATURES_OK steps.',
        line: 582,
        notTestable:
          'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
      },
    },
  }),
  ...block({
    section: '3.3.1',
    label: 'drivernormative:General Initialization And Device Operation / Device Cleanup',
    rows: {
      'core/driver/cleanup/no-change-of-exposed-entries': {
        'MUST NOT': 'Ring entries of buffers handed to a live queue and not yet used may not be altered.',
        line: 629,
      },
      'core/driver/cleanup/not-live-before-removal': {
        MUST: 'Exposed buffers may be removed only after the queue stopped being live (device reset).',
        line: 634,
      },
    },
  }),
  ...block({
    section: '3.4.1',
    since: '1.4',
    label: 'drivernormative:General Initialization And Device Operation / Device Suspend',
    rows: {
      'core/driver/suspend/suspend-only-when-running': {
        'SHOULD NOT': 'SUSPEND should be set only with DRIVER_OK set and VIRTIO_F_SUSPEND negotiated.',
        line: 644,
      },
      'core/driver/suspend/verify-suspended': {
        MUST: 'After setting SUSPEND the driver re-reads status and looks for SUSPEND=1 and DRIVER_OK=0.',
        line: 648,
        when: ['VIRTIO_F_SUSPEND'],
      },
      'core/driver/suspend/no-new-buffers': {
        'MUST NOT': 'While suspended no further buffers may be made available.',
        line: 649,
        when: ['VIRTIO_F_SUSPEND'],
      },
      'core/driver/suspend/no-notifications': {
        'MUST NOT': 'While suspended no queue notification may be sent.',
        line: 650,
        when: ['VIRTIO_F_SUSPEND'],
      },
      'core/driver/suspend/no-config-change': {
        'MUST NOT': 'While suspended config space may not be changed, status excepted.',
        line: 651,
        when: ['VIRTIO_F_SUSPEND'],
      },
      'core/driver/suspend/wait-for-resume': {
        MUST: 'After setting DRIVER_OK to resume, normal work waits until SUSPEND reads 0 and DRIVER_OK reads 1.',
        line: 655,
        when: ['VIRTIO_F_SUSPEND'],
      },
    },
  }),
};
