import { blocksOf } from './row.ts';

const block = blocksOf({ source: 'packed-ring.tex', since: '1.1' });

/** What the specification demands of a driver in 2.8, the packed virtqueue. In our words; files and lines are those of v1.4-cs01. */
export const packedVirtqueueRequirements = {
  ...block({
    section: '2.8.11',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues',
    rows: {
      'packed/driver/layout/alignment': {
        MUST: 'Descriptor ring and the two event structures have to start at multiples of 16, 4 and 4 bytes.',
        line: 392,
      },
    },
  }),
  ...block({
    section: '2.8.16',
    label: 'drivernormative:Basic Facilities of a Virtio Device / PAcked Virtqueues / The Virtqueue Descriptor Table',
    rows: {
      'packed/driver/desc/no-change-before-used': {
        'MUST NOT': 'A descriptor may not be changed by the driver until its USED bit was seen to change.',
        line: 456,
      },
      'packed/driver/desc/no-change-after-avail': {
        'MUST NOT': 'A descriptor may not be changed by the driver after it flipped the AVAIL bit.',
        line: 458,
      },
      'packed/driver/desc/notification-next-off-wrap': {
        MUST: 'The position in a notification (next_off, next_wrap) is that of the descriptor which the driver makes available next.',
        line: 460,
        when: ['VIRTIO_F_NOTIFICATION_DATA'],
      },
    },
  }),
  ...block({
    section: '2.8.17',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Scatter-Gather Support',
    rows: {
      'packed/driver/sg/list-within-device-limit': {
        'MUST NOT': 'A descriptor list may not exceed the limit set by the device.',
        line: 468,
        notTestable:
          'No field of a virtio-iommu or of a packed virtqueue tells a driver of such a limit; that of the queue size is a row of its own.',
      },
      'packed/driver/sg/list-within-queue-size': {
        'MUST NOT': 'A descriptor list may not exceed the queue size.',
        line: 471,
      },
      'packed/driver/sg/readable-before-writable': {
        MUST: 'Writable elements have to come after all readable ones.',
        line: 476,
      },
      'packed/driver/sg/no-partial-list-reliance': {
        'MUST NOT':
          'The driver may not rely on the device using other descriptors to make room for the rest of a list.',
        line: 479,
      },
      'packed/driver/sg/room-for-whole-list': {
        MUST: 'Space for the entire list has to exist before its first descriptor is made available.',
        line: 481,
      },
      'packed/driver/sg/head-exposed-last': {
        'MUST NOT': 'The first descriptor of a list may be made available only after all the others.',
        line: 485,
      },
    },
  }),
  ...block({
    section: '2.8.19',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / The Virtqueue Descriptor Table / Indirect Descriptors',
    rows: {
      'packed/driver/indirect/indirect-needs-feature': {
        'MUST NOT': 'The INDIRECT flag may be set only if INDIRECT_DESC was negotiated.',
        line: 498,
      },
      'packed/driver/indirect/only-write-flag-in-table': {
        'MUST NOT': 'Inside an indirect table no flag other than WRITE may be set.',
        line: 499,
        when: ['VIRTIO_F_INDIRECT_DESC'],
      },
      'packed/driver/indirect/chain-within-device-limit': {
        'MUST NOT': 'A chain may not exceed the limit set by the device.',
        line: 502,
        notTestable:
          'No field of a virtio-iommu or of a packed virtqueue tells a driver of such a limit; that of the queue size is a row of its own.',
      },
      'packed/driver/indirect/no-indirect-in-chain': {
        'MUST NOT': 'A descriptor with INDIRECT may not be part of a list linked by NEXT.',
        line: 505,
        when: ['VIRTIO_F_INDIRECT_DESC'],
      },
    },
  }),
  ...block({
    section: '2.8.21.1.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Supplying Buffers to The Device / Updating flags',
    rows: {
      'packed/driver/supply/barrier-before-flags': {
        MUST: 'A memory barrier has to precede the flags update.',
        line: 572,
        notTestable:
          'A missing barrier shows only by chance, and only where the processor reorders stores; no trace proves that one is there.',
      },
    },
  }),
  ...block({
    section: '2.8.21.3.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Supplying Buffers to The Device / Sending Available Buffer Notifications',
    rows: {
      'packed/driver/notify/barrier-before-event-read': {
        MUST: "A memory barrier has to come before reading the device's event suppression structure.",
        line: 650,
        notTestable:
          'A missing barrier shows only by chance, as a notification that is not sent; no trace proves that one is there.',
      },
    },
  }),
};
