/** A queue as drivers use it: memory, registers, vector, notifications around a ring. */
import type { Piece, TableRoom } from './descriptor-chain.ts';
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import {
  EVENT_IDX,
  type Features,
  IN_ORDER,
  INDIRECT_DESC,
  NOTIF_CONFIG_DATA,
  NOTIFICATION_DATA,
  RING_PACKED,
} from './features.ts';
import { PackedRing, packedRingLength } from './packed-ring.ts';
import type { Pages, PhysicalMemory } from './physical-memory.ts';
import type { Ring, RingFeatures, UsedEntry } from './ring.ts';
import { ringLength, SplitRing } from './split-ring.ts';
import { NO_VECTOR } from './virtio-registers.ts';

export interface QueuePlan {
  /** Index of the queue in the device. */
  readonly queue: number;
  readonly features: Features;
  readonly mostDescriptors: number;
  /** A queue that can have no more is refused; 1 if left out. */
  readonly fewestDescriptors?: number;
  /** What its memory has to be aligned to; whole pages if left out. */
  readonly alignment?: number;
  /** Makes memory reachable for the device; its bus address, or undefined if that failed. */
  readonly expose: (pages: Pages) => bigint | undefined;
  /** Takes memory back that the device has no use for any more; it is simply free if left out. */
  readonly retire?: (pages: Pages) => void;
}

/** Most descriptors that this driver cares to have in a queue. */
export const MOST_DESCRIPTORS = 256;

/** A queue that is smaller cannot hold a request. */
const FEWEST_DESCRIPTORS = 4;

/** What a queue consists of, once its registers are written. */
interface Parts {
  readonly ring: Ring;
  readonly pages: Pages;
  /** MSI-X vector, or undefined: the queue is looked at without being told. */
  readonly vector: number | undefined;
}

export class Virtqueue {
  readonly queue: number;
  readonly #registers: DeviceRegisters;
  readonly #memory: PhysicalMemory;
  readonly #plan: QueuePlan;
  readonly #faults: DriverFaults;
  readonly #notifyOff: number;
  readonly #notifyValue: number;
  readonly #notifiesWithData: boolean;
  #parts: Parts;
  #kickCount = 0;

  private constructor(
    registers: DeviceRegisters,
    memory: PhysicalMemory,
    plan: QueuePlan,
    parts: Parts,
    faults: DriverFaults,
  ) {
    this.#registers = registers;
    this.#memory = memory;
    this.#plan = plan;
    this.#faults = faults;
    this.#parts = parts;
    this.queue = plan.queue;
    this.#notifyOff = registers.queueNotifyOff;
    this.#notifiesWithData = plan.features.has(NOTIFICATION_DATA) && !faults.has('accepts-notification-data');
    const configData =
      plan.features.has(NOTIF_CONFIG_DATA) &&
      !faults.has('accepts-notif-config-data') &&
      !(this.#notifiesWithData && faults.has('notification-index-with-config-data'));
    this.#notifyValue = configData ? registers.queueNotifConfigData : plan.queue;
  }

  /** Sets a queue up and enables it (4.1.5.1.3). A sentence instead if the device or memory does not allow it. */
  static setUp(
    registers: DeviceRegisters,
    memory: PhysicalMemory,
    plan: QueuePlan,
    faults: DriverFaults,
  ): Virtqueue | string {
    registers.selectQueue(plan.queue);
    const parts = writeRegisters(registers, memory, plan, faults);
    if (typeof parts === 'string') return parts;
    const queue = new Virtqueue(registers, memory, plan, parts, faults);
    if (faults.has('enables-queue-twice')) {
      registers.enableQueue(1);
      registers.enableQueue(0);
    }
    registers.enableQueue();
    if (faults.has('queue-size-after-enable')) registers.queueSize = parts.ring.size;
    if (faults.has('changes-live-queue')) registers.setQueueAddresses(parts.ring.addresses(parts.pages.physical));
    return queue;
  }

  /**
   * Resets this queue alone and sets it up again with at most `most` descriptors, or half as many as before (2.6.1). What
   * the device had is lost. `wait` lets time pass, and is false when nothing more will come. A sentence if that failed.
   */
  restart(wait: () => boolean, most = this.ring.size >> 1): string | undefined {
    const registers = this.#registers;
    registers.selectQueue(this.queue);
    if (!this.#faults.has('queue-reset-unasked')) registers.resetQueue();
    if (!hasEnded(registers, wait, this.#faults)) return 'the queue does not reset';
    const mostDescriptors = Math.max(most, FEWEST_DESCRIPTORS);
    const parts = writeRegisters(registers, this.#memory, { ...this.#plan, mostDescriptors }, this.#faults, true);
    if (typeof parts === 'string') return parts;
    registers.enableQueue();
    const { retire = (pages) => this.#memory.release(pages) } = this.#plan;
    retire(this.pages);
    this.#parts = parts;
    return undefined;
  }

  get ring(): Ring {
    return this.#parts.ring;
  }

  get pages(): Pages {
    return this.#parts.pages;
  }

  get vector(): number | undefined {
    return this.#parts.vector;
  }

  /** Puts a chain on the ring for the device to see; its head, or undefined if the ring is full. */
  add(pieces: readonly Piece[], room?: TableRoom): number | undefined {
    const head = this.ring.place(pieces, room);
    if (head === undefined) return undefined;
    if (this.#faults.has('kick-before-avail-idx') || this.ring.isHalfPublished) {
      this.notify();
      this.ring.wantsNotification();
    }
    this.ring.publish();
    return head;
  }

  /** Notifies the device of new chains, if it wants to know. */
  kick(): void {
    this.#kickCount++;
    if (this.#faults.has('kick-forgotten') && this.#kickCount % 2 === 0) return;
    if (this.ring.wantsNotification() || this.#faults.has('kicks-always')) this.notify();
  }

  /** Notifies the device, whether it wants to know or not. */
  notify(): void {
    const value = this.#told();
    if (this.#notifiesWithData) {
      this.#registers.notify(this.#notifyOff, 4, value + this.ring.nextOffset * 0x10000);
    } else if (this.#faults.has('notify-32-bit')) this.#registers.notify(this.#notifyOff, 4, value);
    else if (this.#faults.has('notify-8-bit')) this.#registers.notify(this.#notifyOff, 1, value);
    else if (this.#faults.has('notify-wrong-offset')) this.#registers.notifyAt(this.queue, 2, value);
    else if (this.#faults.has('notify-multiplier-ignored')) this.#registers.notifyAt(this.#notifyOff, 2, value);
    else this.#registers.notify(this.#notifyOff, 2, value);
  }

  /** What names this queue in a notification. */
  #told(): number {
    if (this.#faults.has('notify-wrong-queue')) return 1 - this.queue;
    return this.#faults.has('notify-from-1') ? this.#notifyValue + 1 : this.#notifyValue;
  }

  /** How often the device has interrupted for the queue. */
  interrupts(): number {
    return this.#registers.queueInterrupts(this.vector);
  }

  /** To be called before the device is reset. */
  stop(): void {
    this.#registers.stopQueue(this.queue);
  }

  takeUsed(): UsedEntry | undefined {
    return this.ring.takeUsed();
  }
}

/** A queue reset that has not ended after so many looks never will. */
const MOST_LOOKS = 100;

function hasEnded(registers: DeviceRegisters, wait: () => boolean, faults: DriverFaults): boolean {
  if (faults.has('queue-reset-not-awaited')) return true;
  const isOver = (): boolean =>
    faults.has('queue-reset-awaited-by-size') ? registers.queueSize > 0 : !registers.isQueueResetting;
  for (let look = 0; look < MOST_LOOKS; look++) {
    if (isOver() || faults.has('queue-reset-looked-at-once')) return true;
    wait();
  }
  return false;
}

/** Makes a ring for the selected queue and tells the device of it, up to but not with queue_enable. */
function writeRegisters(
  registers: DeviceRegisters,
  memory: PhysicalMemory,
  plan: QueuePlan,
  faults: DriverFaults,
  isAgain = false,
): Parts | string {
  const offered = registers.queueSize;
  if (offered === 0) return `the device has no queue ${plan.queue}`;
  if (offered < (plan.fewestDescriptors ?? 1)) return `queue ${plan.queue} is too short for this driver`;
  const packed = plan.features.has(RING_PACKED) && !faults.has('accepts-ring-packed');
  const size = chosenSize(offered, plan.mostDescriptors, packed, faults);
  if (faults.has('queue-size-zeroed-first')) registers.queueSize = 0;
  if (!faults.has('queue-size-not-written')) registers.queueSize = size;
  const pages = memory.allocate(packed ? packedRingLength(size) : ringLength(size), plan.alignment);
  if (!pages) return 'no memory is left for a queue';
  const bus = plan.expose(pages);
  if (bus === undefined) {
    memory.release(pages);
    return 'the memory of a queue could not be mapped';
  }
  const format = packed ? PackedRing : SplitRing;
  const ring = new format(memory.view, pages.offset, size, ringFeatures(plan.features), faults);
  const isTooEarly = isAgain && faults.has('queue-reset-enables-first');
  if (isTooEarly || faults.has('enables-before-addresses')) registers.enableQueue();
  if (!isAgain || !faults.has('queue-reset-half-configured')) registers.setQueueAddresses(ring.addresses(bus));
  if (faults.has('ring-addresses-written-twice')) registers.setQueueAddresses(ring.addresses(bus));
  return { ring, pages, vector: assignedVector(registers, plan.queue, faults) };
}

function ringFeatures(features: Features): RingFeatures {
  return {
    indirect: features.has(INDIRECT_DESC),
    eventIdx: features.has(EVENT_IDX),
    inOrder: features.has(IN_ORDER),
  };
}

/** Room for one request, also for that of a disk, which has three parts. */
const SMALLEST_SIZE = 4;

/** The largest size that neither device nor driver objects to; of a split ring it is a power of two. */
function chosenSize(offered: number, most: number, packed: boolean, faults: DriverFaults): number {
  let limit = Math.min(offered, most);
  if (faults.has('tiny-queues')) limit = Math.min(offered, SMALLEST_SIZE);
  if (faults.has('huge-queues') || faults.has('leaves-queue-size')) limit = offered;
  const size = packed ? limit : 2 ** Math.floor(Math.log2(limit));
  if (faults.has('queue-size-not-power-of-two')) return Math.max(size - 1, 3);
  if (faults.has('queue-size-fixed')) return 1024;
  if (faults.has('queue-size-from-need')) return Math.min(6, offered);
  if (faults.has('queue-size-larger-than-offered')) return Math.min(offered * 2, 32768);
  if (faults.has('queue-size-not-written')) return Math.max(size / 2, 1);
  return size;
}

/** Vector 0 tells of configuration changes, vector 1 + n of queue n; where there are fewer the last one is shared. */
function assignedVector(registers: DeviceRegisters, queue: number, faults: DriverFaults): number | undefined {
  const count = registers.vectorCount;
  if (count === 0) return undefined;
  let vector = ownVector(queue, count, faults);
  if (faults.has('vector-out-of-table')) vector = count;
  if (faults.has('no-vector-written')) vector = NO_VECTOR;
  return registers.setQueueVector(vector) === NO_VECTOR ? undefined : vector;
}

function ownVector(queue: number, count: number, faults: DriverFaults): number {
  if (faults.has('one-vector')) return 0;
  return faults.has('last-vector-for-all') ? count - 1 : Math.min(queue + 1, count - 1);
}
