/** What a driver can do with a virtio device, whatever the transport. */
import type { Width } from './bus-access.ts';

/** Bus addresses of the three parts of a queue. */
export interface QueueAddresses {
  readonly desc: bigint;
  readonly driver: bigint;
  readonly device: bigint;
}

/** Indexes of administration virtqueues (4.1.4.3). */
export interface AdminQueues {
  readonly first: number;
  readonly count: number;
}

/** Registers of one virtio device. */
export interface DeviceRegisters {
  /** device_status. */
  status: number;
  offeredFeatures(): bigint;
  acceptFeatures(word: bigint): void;
  readonly configGeneration: number;

  /** Vectors that can be assigned to events; 0 if there are none. */
  readonly vectorCount: number;
  /** Assigns the vector for configuration changes; what the device made of it. */
  setConfigVector(vector: number): number;
  /** Assigns the vector of the selected queue; what the device made of it. */
  setQueueVector(vector: number): number;
  /** How often the device has interrupted for a queue, by its vector if it has one. */
  queueInterrupts(vector: number | undefined): number;
  /** How often the device has told of a change of its configuration; undefined if it has no way to. */
  configInterrupts(): number | undefined;

  /** Enables the virtual functions of the device; undefined where it has none. */
  readonly enableVirtualFunctions: (() => void) | undefined;
  /** Where administration virtqueues are, for a device that has them; undefined where no register tells. */
  readonly adminQueues: (() => AdminQueues) | undefined;
  selectQueue(queue: number): void;
  /** Size of the selected queue: the maximum before it is set. 0: there is no such queue. */
  queueSize: number;
  setQueueAddresses(addresses: QueueAddresses): void;
  enableQueue(enable?: 0 | 1): void;
  /** Asks for the reset of the selected queue alone; with VIRTIO_F_RING_RESET only. */
  resetQueue(): void;
  /** Whether that reset is still going on. */
  readonly isQueueResetting: boolean;
  /** The device is about to be reset: stops those queues that have to be stopped one by one. */
  stopQueue(queue: number): void;
  readonly queueNotifyOff: number;
  readonly queueNotifConfigData: number;
  /** Notifies at a queue's own place. `width` is 4 only with VIRTIO_F_NOTIFICATION_DATA, where it can be chosen. */
  notify(notifyOff: number, width: Width, value: number): void;
  /** Notifies at a byte offset of the notification structure. */
  notifyAt(byteOffset: number, width: Width, value: number): void;

  /** Reads device configuration; 0 if there is none or it is too short. */
  readDevice(offset: number, width: Width): number;
  writeDevice(offset: number, width: Width, value: number | bigint): void;
}
