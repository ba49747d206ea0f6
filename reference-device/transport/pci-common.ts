/** The common configuration structure of virtio-pci (4.1.4.3) as a table. */
import { FEATURE_BITS, hasFeature } from '../wire/features.ts';
import { VIRTIO_MSI_NO_VECTOR } from '../wire/virtio.ts';
import type { DeviceQueue } from './device-queue.ts';
import { featureWindow, withFeatureWindow } from './features.ts';
import type { Register } from './register-file.ts';
import type { VirtioCore } from './virtio-core.ts';

/** Added to a queue's index to make queue_notif_config_data, so that the two cannot be mistaken for each other. */
const NOTIF_CONFIG_DATA_BASE = 0x40;

/** queue_notif_config_data of the queue with this index. */
export const notifConfigData = (queueIndex: number): number => NOTIF_CONFIG_DATA_BASE + queueIndex;

/**
 * pci/device/msix/failure-shown-as-no-vector: a vector outside the table is not mapped. Every other one is, for any event
 * and for several (pci/device/msix/map-any-event-any-vector, pci/prose/config-notify/shared-irq,
 * pci/device/msix/no-needless-map-failure), NO_VECTOR as well (pci/device/msix/unmap-any-event), and what it gives is
 * what is read back (pci/device/msix/vector-readback).
 */
const mappedVector = (value: bigint, vectorCount: number): number =>
  value < BigInt(vectorCount) ? Number(value) : VIRTIO_MSI_NO_VECTOR;

function deviceRegisters(core: VirtioCore, vectorCount: number): Register[] {
  return [
    {
      offset: 0,
      width: 4,
      name: 'device_feature_select',
      read: () => core.deviceFeatureSelect,
      write: (value) => (core.deviceFeatureSelect = Number(value)),
    },
    // pci/device/common-cfg/feature-window
    {
      offset: 4,
      width: 4,
      name: 'device_feature',
      read: () => featureWindow(core.device.offered, core.deviceFeatureSelect),
    },
    {
      offset: 8,
      width: 4,
      name: 'driver_feature_select',
      read: () => core.driverFeatureSelect,
      write: (value) => (core.driverFeatureSelect = Number(value)),
    },
    // pci/device/common-cfg/driver-feature-readback, pci/device/common-cfg/may-echo-invalid
    {
      offset: 12,
      width: 4,
      name: 'driver_feature',
      read: () => featureWindow(core.driverFeatures, core.driverFeatureSelect),
      write: (value) => (core.driverFeatures = withFeatureWindow(core.driverFeatures, core.driverFeatureSelect, value)),
    },
    {
      offset: 16,
      width: 2,
      name: 'config_msix_vector',
      read: () => core.configVector,
      write: (value) => (core.configVector = mappedVector(value, vectorCount)),
    },
    { offset: 18, width: 2, name: 'num_queues', read: () => core.device.queueMaxSizes.length },
    {
      offset: 20,
      width: 1,
      name: 'device_status',
      read: () => core.readStatus(),
      write: (value) => core.writeStatus(Number(value)),
    },
    { offset: 21, width: 1, name: 'config_generation', read: () => core.generation },
    {
      offset: 22,
      width: 2,
      name: 'queue_select',
      read: () => core.queueSelect,
      write: (value) => (core.queueSelect = Number(value)),
    },
  ];
}

type QueueRegister = Omit<Register, 'read' | 'write' | 'perQueue'> & {
  readonly get: (queue: DeviceQueue) => number | bigint;
  readonly set?: (queue: DeviceQueue, value: bigint) => void;
};

function queueTable(core: VirtioCore, vectorCount: number): QueueRegister[] {
  return [
    // pci/device/common-cfg/queue-size-0-unavailable
    {
      offset: 24,
      width: 2,
      name: 'queue_size',
      get: (queue) => queue.size,
      set: (queue, value) => queue.setSize(Number(value)),
    },
    {
      offset: 26,
      width: 2,
      name: 'queue_msix_vector',
      get: (queue) => queue.vector,
      set: (queue, value) => (queue.vector = mappedVector(value, vectorCount)),
    },
    // A write of 0 breaks pci/driver/common-cfg/no-queue-disable and changes nothing.
    {
      offset: 28,
      width: 2,
      name: 'queue_enable',
      get: (queue) => Number(queue.enabled),
      set: (queue, value) => {
        if (value === 1n) core.enableQueue(queue);
      },
    },
    { offset: 30, width: 2, name: 'queue_notify_off', get: (queue) => queue.index },
    {
      offset: 32,
      width: 8,
      name: 'queue_desc',
      get: (queue) => queue.desc,
      set: (queue, value) => (queue.desc = value),
    },
    {
      offset: 40,
      width: 8,
      name: 'queue_driver',
      get: (queue) => queue.driver,
      set: (queue, value) => (queue.driver = value),
    },
    {
      offset: 48,
      width: 8,
      name: 'queue_device',
      get: (queue) => queue.device,
      set: (queue, value) => (queue.device = value),
    },
  ];
}

function optionalTable(core: VirtioCore): (QueueRegister & { readonly feature: keyof typeof FEATURE_BITS })[] {
  return [
    {
      feature: 'VIRTIO_F_NOTIF_CONFIG_DATA',
      offset: 56,
      width: 2,
      name: 'queue_notif_config_data',
      get: (queue) => notifConfigData(queue.index),
    },
    // pci/device/common-cfg/reset-queue-on-write-1, both-0-when-done
    {
      feature: 'VIRTIO_F_RING_RESET',
      offset: 58,
      width: 2,
      name: 'queue_reset',
      get: (queue) => Number(core.queueResetGoesOn(queue)),
      set: (queue, value) => {
        if (value === 1n) core.beginQueueReset(queue);
      },
    },
  ];
}

function perQueue(core: VirtioCore, { offset, width, name, get, set }: QueueRegister): Register {
  const queue = (): DeviceQueue | undefined => core.selectedQueue;
  return {
    offset,
    width,
    name,
    perQueue: true,
    read: () => {
      const selected = queue();
      return selected === undefined ? 0 : get(selected);
    },
    ...(set && {
      write: (value: bigint) => {
        const selected = queue();
        if (selected !== undefined) set(selected, value);
      },
    }),
  };
}

/** pci/device/common-cfg/admin-index-range, pci/device/common-cfg/admin-num-range */
const adminRegisters = ({ device: { adminQueue } }: VirtioCore): Register[] =>
  adminQueue === undefined
    ? []
    : [
        { offset: 60, width: 2, name: 'admin_queue_index', read: () => adminQueue.index },
        { offset: 62, width: 2, name: 'admin_queue_num', read: () => 1 },
      ];

/** The registers of one device. Fields of features that are not offered are absent: they read 0 and have no name. */
export function commonConfiguration(core: VirtioCore, vectorCount: number): readonly Register[] {
  const optional = optionalTable(core).filter(({ feature }) => hasFeature(core.device.offered, feature));
  return [
    ...deviceRegisters(core, vectorCount),
    ...adminRegisters(core),
    ...[...queueTable(core, vectorCount), ...optional].map((register) => perQueue(core, register)),
  ];
}
