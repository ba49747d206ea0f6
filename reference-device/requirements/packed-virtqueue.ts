import type { DeviceRequirementTable } from './row.ts';

/** What packed virtqueues ask of a device (2.8). In our words. */
export const packedVirtqueueDeviceRequirements = {
  'packed/device/order/start-in-ring-order': {
    keyword: 'MUST',
    section: '2.8.12',
    says: 'The device begins processing in ring order.',
    code: 'reference-device/virtqueue/packed-virtqueue.ts',
    test: 'reference-device/virtqueue/packed-virtqueue.test.ts › goes round a ring of %i entries with lists of every length',
  },
  'packed/device/order/write-in-completion-order': {
    keyword: 'MUST',
    section: '2.8.12',
    says: 'Used descriptors begin to be written in the sequence in which work was finished.',
    code: 'reference-device/virtqueue/packed-virtqueue.ts',
    test: 'reference-device/virtqueue/packed-virtqueue.test.ts › returns buffers out of order, from the first free slot on',
  },
  'packed/device/order/may-reorder-writes': {
    keyword: 'MAY',
    section: '2.8.12',
    says: 'Once started such writes can be reordered.',
    reason: 'Used descriptors are written one after the other, each to its end.',
  },
  'packed/device/desc/no-write-to-readable': {
    keyword: 'MUST NOT',
    section: '2.8.15',
    says: 'Device-readable buffers are never written by the device.',
    code: 'reference-device/transport/device-queue.ts',
    test: 'reference-device/machine/memory-accesses.test.ts › writes to no device-readable part, on a $kind ring',
  },
  'packed/device/desc/no-read-of-writable': {
    keyword: 'SHOULD NOT',
    section: '2.8.15',
    says: 'Device-writable buffers should not be read by the device.',
    code: 'reference-device/transport/device-queue.ts',
    test: 'reference-device/machine/memory-accesses.test.ts › reads no device-writable part, and writes to no table',
  },
  'packed/device/desc/use-only-after-avail-change': {
    keyword: 'MUST NOT',
    section: '2.8.15',
    says: 'A descriptor is used only after its AVAIL bit was seen to change.',
    code: 'reference-device/virtqueue/packed-list.ts',
    test: 'reference-device/virtqueue/packed-virtqueue.test.ts › is not seen in descriptors that are used, or left from the round before',
  },
  'packed/device/desc/no-change-after-used': {
    keyword: 'MUST NOT',
    section: '2.8.15',
    says: 'A descriptor is not touched again after the device flipped its USED bit.',
    code: 'reference-device/virtqueue/packed-virtqueue.ts',
    test: 'reference-device/virtqueue/packed-virtqueue.test.ts › returns buffers out of order, from the first free slot on',
  },
  'packed/device/sg/list-in-order': {
    keyword: 'MUST',
    section: '2.8.18',
    says: 'Descriptors of a NEXT-linked list are used in the order given.',
    code: 'reference-device/virtqueue/packed-list.ts',
    test: 'reference-device/virtqueue/packed-virtqueue.test.ts › goes round a ring of %i entries with lists of every length',
  },
  'packed/device/sg/may-limit-list': {
    keyword: 'MAY',
    section: '2.8.18',
    says: 'A cap on list length is left to the device.',
    code: 'reference-device/virtqueue/packed-list.ts',
    test: 'reference-device/virtqueue/packed-virtqueue.test.ts › with $name is told apart, and can be returned',
  },
  'packed/prose/may-access-immediately': {
    keyword: 'MAY',
    section: '2.8.21.1',
    says: 'Once flags are updated the device can read that descriptor and those after it at once.',
    code: 'reference-device/transport/virtio-core.ts',
    test: 'reference-device/transport/virtio-pci-function.test.ts › that were forgotten are found when the device looks by itself',
  },
  'packed/prose/may-suppress-kicks': {
    keyword: 'MAY',
    section: '2.8.21.2',
    says: 'The device can suppress driver notifications through its event structure.',
    code: 'reference-device/virtqueue/packed-virtqueue.ts',
    test: 'reference-device/virtqueue/packed-virtqueue.test.ts › are asked for and refused by the flags without event index',
  },
} as const satisfies DeviceRequirementTable;
