import { blocksOf } from './row.ts';

const block = blocksOf({ source: 'split-ring.tex', since: '1.0' });

/** What the specification demands of a driver in 2.7, the split virtqueue. In our words; files and lines are those of v1.4-cs01. */
export const splitVirtqueueRequirements = {
  ...block({
    section: '2.7.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Virtqueues',
    rows: {
      'split/driver/layout/alignment': {
        MUST: 'Descriptor table, available ring and used ring have to start at multiples of 16, 2 and 4 bytes.',
        line: 61,
      },
    },
  }),
  ...block({
    section: '2.7.2',
    label: 'sec:Basic Facilities of a Virtio Device / Virtqueues / Legacy Interfaces: A Note on Virtqueue Layout',
    notTestable: 'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
    rows: {
      'split/legacy/layout/legacy-read-queue-size': {
        MUST: 'In legacy mode the driver reads the queue size from the device.',
        line: 84,
      },
      'split/legacy/layout/legacy-allocation-size': {
        MUST: 'In legacy mode the memory of a queue has the size that the formula of the section gives.',
        line: 85,
      },
      'split/legacy/layout/legacy-struct-layout': {
        MUST: 'In legacy mode both sides use the contiguous legacy layout.',
        line: 100,
      },
    },
  }),
  ...block({
    section: '2.7.3',
    label: 'sec:Basic Facilities of a Virtio Device / Virtqueues / Legacy Interfaces: A Note on Virtqueue Endianness',
    rows: {
      'split/legacy/layout/legacy-native-endian': {
        MUST: 'In legacy mode ring fields are in guest-native byte order.',
        line: 122,
        notTestable:
          'No IOMMU is transitional: its device type has no Transitional PCI Device ID and no legacy interface.',
      },
    },
  }),
  ...block({
    section: '2.7.4.2',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Message Framing',
    rows: {
      'split/driver/framing/readable-before-writable': {
        MUST: 'Writable elements of a chain have to come after all readable ones.',
        line: 151,
      },
      'split/driver/framing/no-excessive-descriptors': {
        'SHOULD NOT': 'One buffer should not be cut into very many descriptors.',
        line: 154,
      },
    },
  }),
  ...block({
    section: '2.7.5.2',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / The Virtqueue Descriptor Table',
    rows: {
      'split/driver/desc/chain-length-limit': {
        'MUST NOT': 'A chain may not exceed 2^32 bytes in total, so loops are ruled out.',
        line: 223,
      },
      'split/driver/desc/in-order-next': {
        since: '1.1',
        MUST: 'With IN_ORDER, next of a chained descriptor x has to be x+1, or 0 for the last table entry.',
        line: 228,
        when: ['VIRTIO_F_IN_ORDER'],
      },
    },
  }),
  ...block({
    section: '2.7.5.3.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / The Virtqueue Descriptor Table / Indirect Descriptors',
    rows: {
      'split/driver/indirect/indirect-needs-feature': {
        'MUST NOT': 'The INDIRECT flag may be set only if INDIRECT_DESC was negotiated.',
        line: 266,
      },
      'split/driver/indirect/no-nested-indirect': {
        'MUST NOT': 'The INDIRECT flag may not be set inside an indirect table.',
        line: 267,
        when: ['VIRTIO_F_INDIRECT_DESC'],
      },
      'split/driver/indirect/chain-not-longer-than-queue': {
        'MUST NOT': 'A chain, indirect ones included, may not have more descriptors than the queue size.',
        line: 271,
      },
      'split/driver/indirect/indirect-and-next-exclusive': {
        'MUST NOT': 'INDIRECT and NEXT may not be set in the same descriptor.',
        line: 274,
        when: ['VIRTIO_F_INDIRECT_DESC'],
      },
      'split/driver/indirect/in-order-indirect-sequential': {
        since: '1.1',
        MUST: 'With IN_ORDER, next in an indirect table has to count 1, 2, 3 and so on.',
        line: 278,
        when: ['VIRTIO_F_IN_ORDER'],
      },
    },
  }),
  ...block({
    section: '2.7.6.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / The Virtqueue Available Ring',
    rows: {
      'split/driver/avail/idx-never-decreases': { 'MUST NOT': 'The available idx may never go backwards.', line: 321 },
    },
  }),
  ...block({
    section: '2.7.7.1',
    label: 'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / Used Buffer Notification Suppression',
    rows: {
      'split/driver/used-suppression/avail-flags-0-or-1': {
        MUST: 'Without EVENT_IDX, avail flags has to be 0 or 1.',
        line: 341,
      },
      'split/driver/used-suppression/avail-flags-0-with-event-idx': {
        MUST: 'With EVENT_IDX, avail flags has to be 0.',
        line: 348,
        when: ['VIRTIO_F_EVENT_IDX'],
      },
      'split/driver/used-suppression/tolerate-spurious-notifications': {
        MUST: 'An interrupt with nothing new in the used ring has to be harmless.',
        line: 354,
      },
    },
  }),
  ...block({
    section: '2.7.8.3',
    when: ['split-rings'],
    label: 'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / The Virtqueue Used Ring',
    rows: {
      'split/driver/used/no-assumption-beyond-len': {
        'MUST NOT': 'Nothing may be assumed about writable bytes beyond the first len.',
        line: 473,
      },
      'split/driver/used/ignore-beyond-len': { SHOULD: 'Bytes beyond len should be disregarded.', line: 474 },
    },
  }),
  ...block({
    section: '2.7.10.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / Available Buffer Notification Suppression',
    rows: {
      'split/driver/avail-suppression/init-used-flags-0': {
        MUST: 'flags of the used ring has to be 0 when the ring is allocated.',
        line: 515,
      },
      'split/driver/avail-suppression/ignore-avail-event': {
        MUST: 'Without EVENT_IDX avail_event has to be ignored.',
        line: 520,
      },
      'split/driver/avail-suppression/no-kick-when-flag-1': {
        'SHOULD NOT': 'Without EVENT_IDX and used flags=1 the driver should not notify.',
        line: 523,
      },
      'split/driver/avail-suppression/kick-when-flag-0': {
        MUST: 'Without EVENT_IDX and used flags=0 the driver has to notify after adding.',
        line: 524,
      },
      'split/driver/avail-suppression/ignore-used-flag-bit0': {
        MUST: 'With EVENT_IDX bit 0 of used flags has to be ignored.',
        line: 530,
        when: ['VIRTIO_F_EVENT_IDX'],
      },
      'split/driver/avail-suppression/kick-at-avail-event': {
        MUST: 'With EVENT_IDX the driver has to notify when the old avail idx equals avail_event.',
        line: 535,
        when: ['VIRTIO_F_EVENT_IDX'],
      },
      'split/driver/avail-suppression/no-kick-otherwise': {
        'SHOULD NOT': 'With EVENT_IDX the driver should not notify unless the old avail idx equals avail_event.',
        line: 536,
        when: ['VIRTIO_F_EVENT_IDX'],
      },
    },
  }),
  ...block({
    section: '2.7.13.3.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / Supplying Buffers to The Device / Updating idx',
    rows: {
      'split/driver/supply/barrier-before-idx': {
        MUST: 'A memory barrier has to precede the idx update.',
        line: 685,
        notTestable:
          'A missing barrier shows only by chance, and only where the processor reorders stores; no trace proves that one is there.',
      },
    },
  }),
  ...block({
    section: '2.7.13.4.1',
    label:
      'drivernormative:Basic Facilities of a Virtio Device / Virtqueues / Supplying Buffers to The Device / Notifying The Device',
    rows: {
      'split/driver/supply/barrier-before-suppression-check': {
        MUST: 'A memory barrier has to come between publishing idx and reading flags or avail_event.',
        line: 698,
        notTestable:
          'A missing barrier shows only by chance, as a notification that is not sent; no trace proves that one is there.',
      },
    },
  }),
};
