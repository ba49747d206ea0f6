import { blocksOf } from './row.ts';

const block = blocksOf({ source: 'transport-mmio.tex', since: '1.0' });

/** What the specification demands of a driver in 4.2, virtio over MMIO. In our words; files and lines are those of v1.4-cs01. */
export const mmioTransportRequirements = {
  ...block({
    section: '4.2.2.2',
    label: 'drivernormative:Virtio Transport Options / Virtio Over MMIO / MMIO Device Register Layout',
    rows: {
      'mmio/driver/regs/only-described-locations': {
        'MUST NOT':
          "No location outside the register table, or beyond the device's own config description, may be accessed.",
        line: 293,
      },
      'mmio/driver/regs/no-write-to-read-only': { 'MUST NOT': 'Registers marked R may not be written.', line: 296 },
      'mmio/driver/regs/no-read-of-write-only': { 'MUST NOT': 'Registers marked W may not be read.', line: 297 },
      'mmio/driver/regs/32-bit-registers': {
        MUST: 'Control registers have to be accessed as aligned 32-bit words.',
        line: 299,
      },
      'mmio/driver/regs/config-access-width': {
        MUST: 'Config fields have to be accessed with 8, 16 or 32 bits as they are wide; 64-bit ones as 32-bit words.',
        line: 301,
      },
      'mmio/driver/regs/ignore-bad-magic': { MUST: 'A device with another MagicValue has to be ignored.', line: 305 },
      'mmio/driver/regs/ignore-bad-version': {
        MUST: 'A device with a Version other than 2 has to be ignored.',
        line: 308,
      },
      'mmio/driver/regs/ignore-device-id-0': { MUST: 'A device with DeviceID 0 has to be ignored.', line: 311 },
      'mmio/driver/regs/silent-on-device-id-0': {
        'MUST NOT': 'No error may be reported for DeviceID 0.',
        line: 312,
        notTestable: 'What a driver writes into its own log has no fixed form, and none of it reaches the device.',
      },
      'mmio/driver/regs/sel-before-device-features': {
        MUST: 'DeviceFeaturesSel has to be written before DeviceFeatures is read.',
        line: 314,
      },
      'mmio/driver/regs/sel-before-driver-features': {
        MUST: 'DriverFeaturesSel has to be written before DriverFeatures is written.',
        line: 316,
      },
      'mmio/driver/regs/queue-size-within-max': { MUST: 'QueueSize written may not exceed QueueSizeMax.', line: 318 },
      'mmio/driver/regs/no-queue-regs-while-ready': {
        'MUST NOT': 'While QueueReady is non-zero the size and address registers of that queue may not be accessed.',
        line: 321,
      },
      'mmio/driver/regs/stop-by-queue-ready-0': {
        MUST: 'To stop using a queue 0 has to be written to QueueReady.',
        line: 325,
        notTestable:
          'A reset of the device stops its queues too, and memory that is taken back without either is not seen.',
      },
      'mmio/driver/regs/read-back-queue-ready': {
        MUST: 'After writing 0 to QueueReady the driver reads it back.',
        line: 326,
      },
      'mmio/driver/regs/ignore-undefined-interrupt-bits': {
        MUST: 'Undefined InterruptStatus bits have to be ignored.',
        line: 329,
      },
      'mmio/driver/regs/ack-handled-events': {
        MUST: 'After handling an interrupt the bits of the handled events have to be written to InterruptACK.',
        line: 331,
      },
      'mmio/driver/regs/no-undefined-ack-bits': {
        'MUST NOT': 'Undefined bits may not be set in InterruptACK.',
        line: 332,
      },
      'mmio/driver/regs/queue-reset-wait': {
        since: '1.2',
        'MUST NOT': 'A queue reset may not be taken as complete before QueueReset reads 0.',
        line: 335,
        when: ['VIRTIO_F_RING_RESET'],
      },
    },
  }),
  ...block({
    section: '4.2.3.1.1',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over MMIO / MMIO-specific Initialization And Device Operation / Device Initialization',
    rows: {
      'mmio/driver/init/check-magic-and-version-first': {
        MUST: 'The first two things a driver looks at are MagicValue and Version.',
        line: 349,
      },
      'mmio/driver/init/then-read-device-id': {
        MUST: 'If MagicValue and Version are valid, DeviceID has to be read next.',
        line: 351,
      },
      'mmio/driver/init/abort-on-device-id-0': { MUST: 'On DeviceID 0 initialization has to be aborted.', line: 352 },
      'mmio/driver/init/no-further-access-on-id-0': {
        'MUST NOT': 'With DeviceID 0 no other register may be accessed.',
        line: 353,
      },
      'mmio/driver/init/no-shm-registers': {
        since: '1.2',
        'MUST NOT':
          'The shared memory registers (0x0ac-0x0bc) may not be used by a driver that expects no shared memory.',
        line: 355,
      },
      'mmio/driver/init/then-general-procedure': {
        MUST: 'After MagicValue, Version and DeviceID, initialization follows the general sequence.',
        line: 358,
      },
    },
  }),
  ...block({
    section: '4.2.3.4.1',
    label:
      'drivernormative:Virtio Transport Options / Virtio Over MMIO / MMIO-specific Initialization And Device Operation / Notifications From The Device',
    rows: {
      'mmio/driver/irq/read-interrupt-status': { MUST: 'On an interrupt InterruptStatus has to be read.', line: 414 },
      'mmio/driver/irq/used-bit-means-all-queues': {
        since: '1.1',
        SHOULD: 'Bit 0 should make the driver look at all queues it has live, as it does not say which one.',
        line: 417,
        notTestable: 'Reads of the used rings leave no trace.',
      },
      'mmio/driver/irq/acknowledge': {
        MUST: 'After an interrupt has been handled it has to be acknowledged through InterruptACK.',
        line: 418,
      },
    },
  }),
};
