import type { RequirementTable } from './row.ts';

/** What the specification demands of a driver in 2.8, the packed virtqueue. In our words; `source` is file and line at v1.4-cs01. */
export const packedVirtqueueRequirements = {
  'packed/driver/layout/alignment': {
    keyword: 'MUST',
    section: '2.8.11',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues',
    source: 'packed-ring.tex:392',
    says: 'Descriptor ring and the two event structures have to start at multiples of 16, 4 and 4 bytes.',
  },
  'packed/driver/desc/no-change-before-used': {
    keyword: 'MUST NOT',
    section: '2.8.16',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / PAcked Virtqueues / The Virtqueue Descriptor Table',
    source: 'packed-ring.tex:456',
    says: 'A descriptor may not be changed by the driver until its USED bit was seen to change.',
  },
  'packed/driver/desc/no-change-after-avail': {
    keyword: 'MUST NOT',
    section: '2.8.16',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / PAcked Virtqueues / The Virtqueue Descriptor Table',
    source: 'packed-ring.tex:458',
    says: 'A descriptor may not be changed by the driver after it flipped the AVAIL bit.',
  },
  'packed/driver/desc/notification-next-off-wrap': {
    keyword: 'MUST',
    section: '2.8.16',
    since: '1.1',
    when: ['VIRTIO_F_NOTIFICATION_DATA'],
    label: 'drivernormative:Basic Facilities of a Virtio Device / PAcked Virtqueues / The Virtqueue Descriptor Table',
    source: 'packed-ring.tex:460',
    says: 'The position carried in a kick (next_off, next_wrap) has to be that of the slot the driver will fill next.',
  },
  'packed/driver/sg/list-within-device-limit': {
    keyword: 'MUST NOT',
    section: '2.8.17',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Scatter-Gather Support',
    source: 'packed-ring.tex:468',
    says: 'A descriptor list may not exceed the limit set by the device.',
    notTestable:
      'No field of a virtio-iommu or of a packed virtqueue tells a driver of such a limit; that of the queue size is a row of its own.',
  },
  'packed/driver/sg/list-within-queue-size': {
    keyword: 'MUST NOT',
    section: '2.8.17',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Scatter-Gather Support',
    source: 'packed-ring.tex:471',
    says: 'A descriptor list may not exceed the queue size.',
  },
  'packed/driver/sg/readable-before-writable': {
    keyword: 'MUST',
    section: '2.8.17',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Scatter-Gather Support',
    source: 'packed-ring.tex:476',
    says: 'Writable elements have to come after all readable ones.',
  },
  'packed/driver/sg/no-partial-list-reliance': {
    keyword: 'MUST NOT',
    section: '2.8.17',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Scatter-Gather Support',
    source: 'packed-ring.tex:479',
    says: 'The driver may not rely on the device using other descriptors to make room for the rest of a list.',
  },
  'packed/driver/sg/room-for-whole-list': {
    keyword: 'MUST',
    section: '2.8.17',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Scatter-Gather Support',
    source: 'packed-ring.tex:481',
    says: 'Space for the entire list has to exist before its first descriptor is made available.',
  },
  'packed/driver/sg/head-exposed-last': {
    keyword: 'MUST NOT',
    section: '2.8.17',
    since: '1.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Scatter-Gather Support',
    source: 'packed-ring.tex:485',
    says: 'The first descriptor of a list may be made available only after all the others.',
  },
  'packed/driver/indirect/indirect-needs-feature': {
    keyword: 'MUST NOT',
    section: '2.8.19',
    since: '1.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / The Virtqueue Descriptor Table / Indirect Descriptors',
    source: 'packed-ring.tex:498',
    says: 'The INDIRECT flag may be set only if INDIRECT_DESC was negotiated.',
  },
  'packed/driver/indirect/only-write-flag-in-table': {
    keyword: 'MUST NOT',
    section: '2.8.19',
    since: '1.1',
    when: ['VIRTIO_F_INDIRECT_DESC'],
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / The Virtqueue Descriptor Table / Indirect Descriptors',
    source: 'packed-ring.tex:499',
    says: 'Inside an indirect table no flag other than WRITE may be set.',
  },
  'packed/driver/indirect/chain-within-device-limit': {
    keyword: 'MUST NOT',
    section: '2.8.19',
    since: '1.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / The Virtqueue Descriptor Table / Indirect Descriptors',
    source: 'packed-ring.tex:502',
    says: 'A chain may not exceed the limit set by the device.',
    notTestable:
      'No field of a virtio-iommu or of a packed virtqueue tells a driver of such a limit; that of the queue size is a row of its own.',
  },
  'packed/driver/indirect/no-indirect-in-chain': {
    keyword: 'MUST NOT',
    section: '2.8.19',
    since: '1.1',
    when: ['VIRTIO_F_INDIRECT_DESC'],
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / The Virtqueue Descriptor Table / Indirect Descriptors',
    source: 'packed-ring.tex:505',
    says: 'A descriptor with INDIRECT may not be part of a list linked by NEXT.',
  },
  'packed/driver/supply/barrier-before-flags': {
    keyword: 'MUST',
    section: '2.8.21.1.1',
    since: '1.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Supplying Buffers to The Device / Updating flags',
    source: 'packed-ring.tex:572',
    says: 'A memory barrier has to precede the flags update.',
    notTestable:
      'A missing barrier shows only by chance, and only where the processor reorders stores; no trace proves that one is there.',
  },
  'packed/driver/notify/barrier-before-event-read': {
    keyword: 'MUST',
    section: '2.8.21.3.1',
    since: '1.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Packed Virtqueues / Supplying Buffers to The Device / Sending Available Buffer Notifications',
    source: 'packed-ring.tex:650',
    says: "A memory barrier has to come before reading the device's event suppression structure.",
    notTestable:
      'A missing barrier shows only by chance, as a notification that is not sent; no trace proves that one is there.',
  },
} as const satisfies RequirementTable;
