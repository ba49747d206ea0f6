/** The seam between a virtio device type's logic and the transport that shows it to a driver. */
import type { QueueMemory } from '../virtqueue/queue-memory.ts';
import type { DeviceQueue } from './device-queue.ts';
import type { RegisterPlace } from './register-file.ts';
import type { SuspensionManner } from './suspension.ts';

/** A device type's logic. It is made anew for every case; the function that shows it stays. */
export interface VirtioDevice {
  /** Its name in the trace. */
  readonly name: string;
  /** Feature word on offer. */
  readonly offered: bigint;
  /** Entries, of a packed ring; of a split one the next lower power of two. 0 for a queue that is not there. */
  readonly queueMaxSizes: readonly number[];
  /** Its administration virtqueue, which comes with VIRTIO_F_ADMIN_VQ (2.13). None if left out. */
  readonly adminQueue?: { readonly index: number; readonly maxSize: number };
  /** Fields of the device configuration, for the trace; together they are its length. */
  readonly configFields: readonly RegisterPlace[];
  /** Bytes of the device configuration, where that is not the same for all of its type. */
  readonly configLength?: number;
  /** With IN_ORDER: whether buffers go back in batches, by one used entry each. False if left out. */
  readonly batchesUsed?: boolean;
  /** Whether split rings ask for silence in the field that is not in force (2.7.10). False if left out. */
  readonly misleads?: boolean;
  /** How often the register of a queue reset reads 1 before the reset is over; 0 if left out. */
  readonly queueResetReads?: number;
  /** How it is suspended and resumed; at once if left out. */
  readonly suspension?: SuspensionManner;

  /** Called once, before anything else. */
  connect(transport: VirtioTransport): void;
  readConfig(offset: number, out: DataView): void;
  writeConfig(offset: number, data: DataView): void;
  /** Memory as its queues reach it once `accepted` has been negotiated. */
  queueMemory(accepted: bigint): QueueMemory;
  /** An objection to an otherwise valid set of features, as a sentence. */
  objectsTo(accepted: bigint): string | undefined;
  /** FEATURES_OK stands. */
  onFeatures(accepted: bigint): void;
  onQueueEnabled(queue: DeviceQueue): void;
  /** The driver reset the queue, alone or with the device; `queue` still tells where its rings were. */
  onQueueReset(queue: DeviceQueue): void;
  /** There may be new buffers. Only called while the driver is live (DRIVER_OK). */
  onBuffers(queue: DeviceQueue): void;
  /** The device was reset: nothing that it held back may come out any more. */
  onReset(): void;
  /** It has interrupted by a write to `address`. */
  onMessage?(address: bigint): void;
  /** The device is about to show that it is suspended (3.4): buffers in progress are to be finished. */
  onSuspend?(): void;
  /** The suspension is over. */
  onResume?(): void;
}

/** What the logic can ask of its transport. */
export interface VirtioTransport {
  /** Whether DRIVER_OK is set. */
  readonly live: boolean;
  /** Whether the driver has suspended the device (3.4). */
  readonly suspended: boolean;
  queue(index: number): DeviceQueue | undefined;
  /** Interrupts for the buffers given back since the last call, if the driver wants to hear of them. */
  interruptIfWanted(queue: DeviceQueue): void;
  /** Interrupts with nothing new on the used ring. */
  interruptForNothing(queue: DeviceQueue): void;
  /** Counts the configuration generation up. `says` goes to the trace. */
  configChanged(says: string, notify: boolean): void;
  /** Sets DEVICE_NEEDS_RESET and tells a live driver (core/device/status/notify-needs-reset). */
  needReset(says: string): void;
}
