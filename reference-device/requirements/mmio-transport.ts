import type { DeviceRequirementTable } from './row.ts';

/** What virtio-mmio asks of a device (4.2). In our words. */
export const mmioTransportDeviceRequirements = {
  'mmio/device/regs/magic': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'MagicValue reads 0x74726976.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › begins with the magic value and version 2',
  },
  'mmio/device/regs/version': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'Version reads 2.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › begins with the magic value and version 2',
  },
  'mmio/device/regs/interrupt-status-until-ack': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'Each event keeps its InterruptStatus bit set from its occurrence until acknowledged.',
    code: 'reference-device/transport/virtio-mmio-window.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › keeps the bit of each event until it is acknowledged, and no other',
  },
  'mmio/device/regs/no-other-status-bits': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'Bits of events that did not happen are 0.',
    code: 'reference-device/transport/virtio-mmio-window.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › keeps the bit of each event until it is acknowledged, and no other',
  },
  'mmio/device/regs/clear-on-reset': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'Reset clears InterruptStatus and all QueueReady bits.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › clears InterruptStatus, QueueReady and QueueReset with a reset',
  },
  'mmio/device/regs/generation-changes': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'ConfigGeneration changes whenever the driver might see inconsistent config.',
    code: 'reference-device/transport/virtio-core.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › counts the generation up with every change of the configuration',
  },
  'mmio/device/regs/no-access-when-not-ready': {
    keyword: 'MUST NOT',
    section: '4.2.2.1',
    says: 'While QueueReady is 0 the queue contents are not touched.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › leaves a queue alone that is not ready',
  },
  'mmio/device/regs/queue-reset-0-on-reset': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'With RING_RESET QueueReset is 0 after reset.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › clears InterruptStatus, QueueReady and QueueReset with a reset',
  },
  'mmio/device/regs/queue-reset-0-after-enable': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'With RING_RESET QueueReset is 0 after the queue was enabled.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › resets a queue on a 1 in QueueReset, and shows the end by 0 there and in QueueReady',
  },
  'mmio/device/regs/reset-queue-on-write-1': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'Writing 1 to QueueReset resets the queue.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › resets a queue on a 1 in QueueReset, and shows the end by 0 there and in QueueReady',
  },
  'mmio/device/regs/queue-reset-1-while-ongoing': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'QueueReset reads 1 while the queue reset is under way.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › shows 1 in QueueReset while the reset goes on',
  },
  'mmio/device/regs/both-0-when-done': {
    keyword: 'MUST',
    section: '4.2.2.1',
    says: 'Completion of a queue reset shows as 0 in QueueReset as well as in QueueReady.',
    code: 'reference-device/transport/virtio-mmio.ts',
    test: 'reference-device/transport/virtio-mmio-window.test.ts › resets a queue on a 1 in QueueReset, and shows the end by 0 there and in QueueReady',
  },
} as const satisfies DeviceRequirementTable;
