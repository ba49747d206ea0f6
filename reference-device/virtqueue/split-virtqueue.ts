/** The device's side of a split virtqueue (2.7). */
import { VIRTQ_AVAIL_F_NO_INTERRUPT, VIRTQ_USED_F_NO_NOTIFY, splitRing } from '../wire/virtio.ts';
import type { RingBreak, RingState } from '../trace-events.ts';
import { type DescriptorRing, walkChain } from './descriptor-chain.ts';
import type { QueueMemory, RingArea } from './queue-memory.ts';
import type { BrokenChain, ReturnedBuffer, Taken, Virtqueue } from './virtqueue.ts';
import { counted } from '../counted.ts';

/** How the driver set the queue up. Addresses as written to the registers; `size` from 1 to 32768; it should be a power of two. */
export interface SplitLayout {
  readonly size: number;
  readonly desc: bigint;
  readonly driver: bigint;
  readonly device: bigint;
  readonly eventIdx: boolean;
  readonly indirect: boolean;
  /** Asks for silence in the field that is not in force: `avail_event` without EVENT_IDX, the flag with it. */
  readonly misleads?: boolean;
}

const FLAGS = 0;
const IDX = 2;

/** An available idx that no driver reaches soon. */
const FAR_INDEX = 0x8000;

export class SplitVirtqueue implements Virtqueue {
  readonly size: number;
  readonly #eventIdx: boolean;
  readonly #available: RingArea;
  readonly #used: RingArea;
  readonly #descriptors: DescriptorRing;
  /** Idx of the next buffer to take, and the available idx as last read by the device. */
  #nextAvail = 0;
  #seenAvail = 0;
  #availFlags = 0;
  #usedIdx = 0;
  /** Used idx when the need for an interrupt was last judged. */
  #judgedUsed = 0;
  #suppressing = false;
  #unusable = false;

  constructor(memory: QueueMemory, layout: SplitLayout) {
    const { size } = layout;
    this.size = size;
    this.#eventIdx = layout.eventIdx;
    this.#available = memory.area(layout.driver, splitRing.driverAreaLength(size));
    this.#used = memory.area(layout.device, splitRing.deviceAreaLength(size));
    // split/device/desc/no-write-to-desc-table: nobody here writes through it.
    const descriptorTable = memory.area(layout.desc, splitRing.descriptorTableLength(size));
    if (layout.misleads === true) this.#mislead();
    this.#descriptors = { size, memory, descriptorTable, indirectNegotiated: layout.indirect };
  }

  #mislead(): void {
    if (this.#eventIdx) this.#used.writeU16(FLAGS, VIRTQ_USED_F_NO_NOTIFY);
    else this.#used.writeU16(splitRing.availEventOffset(this.size), FAR_INDEX);
  }

  popAvail(): Taken | undefined {
    if (this.#unusable) return undefined;
    if (this.#nextAvail === this.#seenAvail) {
      const broken = this.#look();
      if (broken !== undefined) return broken;
      if (this.#nextAvail === this.#seenAvail) return undefined;
    }
    const headIndex = this.#available.readU16(splitRing.availRingOffset(this.#nextAvail % this.size));
    if (headIndex === undefined) return this.#stop('ring-not-in-memory', 'the device cannot read the available ring');
    this.#nextAvail = (this.#nextAvail + 1) & 0xffff;
    if (headIndex >= this.size) {
      return this.#stop(
        'descriptor-index-out-of-range',
        `the available ring names descriptor ${headIndex}, the table has ${this.size}`,
      );
    }
    const taken = walkChain(this.#descriptors, {
      headIndex,
      availIdx: this.#seenAvail,
      availFlags: this.#availFlags,
    });
    if (taken.outcome === 'broken' && taken.headIndex === undefined) this.#unusable = true;
    return taken;
  }

  /** Reads the available ring's flags and idx. */
  #look(): BrokenChain | undefined {
    const at = this.#available.load(FLAGS, 4);
    if (at === undefined) return this.#stop('ring-not-in-memory', 'the device cannot read the available ring');
    this.#availFlags = this.#available.view.getUint16(at + FLAGS, true);
    const idx = this.#available.view.getUint16(at + IDX, true);
    const added = indexDistance(this.#nextAvail, idx);
    // split/driver/avail/idx-never-decreases: going back looks like a jump of more than the ring holds.
    if (added > this.size) {
      return this.#stop(
        'available-index-jumped',
        `the available idx went from ${this.#nextAvail} to ${idx}, the queue has ${counted(this.size, 'entry', 'entries')}`,
      );
    }
    this.#seenAvail = idx;
    return undefined;
  }

  #stop(reason: RingBreak, says: string): BrokenChain {
    this.#unusable = true;
    return { outcome: 'broken', reason, says, descriptors: [] };
  }

  addUsed({ headIndex, slotCount }: ReturnedBuffer, usedLength: number): boolean {
    if (this.#unusable) return false;
    const slot = splitRing.usedRingOffset(this.#usedIdx % this.size);
    // split/device/used/len-before-idx
    if (!this.#used.writeU32Pair(slot, headIndex, usedLength)) return false;
    this.#usedIdx = (this.#usedIdx + slotCount) & 0xffff;
    return this.#used.writeU16(IDX, this.#usedIdx);
  }

  needsInterrupt(): boolean {
    const before = this.#judgedUsed;
    this.#judgedUsed = this.#usedIdx;
    if (before === this.#usedIdx || this.#unusable) return false;
    if (!this.#eventIdx) {
      // split/device/used-suppression/notify-when-flag-0, split/device/used-suppression/no-notify-when-flag-1,
      // split/device/used-suppression/ignore-used-event
      const flags = this.#available.readU16(FLAGS);
      return flags !== undefined && (flags & VIRTQ_AVAIL_F_NO_INTERRUPT) === 0;
    }
    // split/device/used-suppression/notify-at-used-event, split/device/used-suppression/no-notify-otherwise,
    // split/device/used-suppression/ignore-avail-flag-bit0
    const usedEvent = this.#available.readU16(splitRing.usedEventOffset(this.size));
    return usedEvent !== undefined && eventPassed(usedEvent, this.#usedIdx, before);
  }

  suppressNotifications(): void {
    this.#suppressing = true;
    if (this.#eventIdx) {
      // split/device/avail-suppression/may-use-avail-event, split/prose/may-suppress-kicks
      // Farthest away from any idx to come: the entry that has just been passed.
      this.#used.writeU16(splitRing.availEventOffset(this.size), (this.#driverAt - 1) & 0xffff);
    } else {
      // split/device/avail-suppression/may-suppress-by-flag, split/device/avail-suppression/used-flags-0-or-1
      this.#used.writeU16(FLAGS, VIRTQ_USED_F_NO_NOTIFY);
    }
  }

  enableNotifications(): boolean {
    if (this.#unusable) return false;
    if (this.#eventIdx) {
      // split/device/avail-suppression/used-flags-0-with-event-idx: only avail_event is used.
      this.#used.writeU16(splitRing.availEventOffset(this.size), this.#driverAt);
    } else if (this.#suppressing) {
      this.#used.writeU16(FLAGS, 0);
    } else {
      return false;
    }
    this.#suppressing = false;
    return this.#available.readU16(IDX) !== this.#nextAvail;
  }

  /** The available idx, of which the buffers that the device leaves there are a part. */
  get #driverAt(): number {
    return this.#available.peekU16(IDX) ?? this.#seenAvail;
  }

  notified(): void {}

  ringState(): RingState | undefined {
    const position = this.#available.peekU16(IDX);
    const flags = this.#used.peekU16(FLAGS);
    const event = this.#used.peekU16(splitRing.availEventOffset(this.size));
    return position === undefined || flags === undefined || event === undefined
      ? undefined
      : { position, flags, event };
  }
}

/** The distance from `from` to `to`, going upwards. Indexes are 16-bit and wrap. */
const indexDistance = (from: number, to: number): number => (to - from) & 0xffff;

/** Whether moving an index from `oldIndex` to `newIndex` has passed the entry `event` (2.7.7.2). */
export const eventPassed = (event: number, newIndex: number, oldIndex: number): boolean =>
  indexDistance(event + 1, newIndex) < indexDistance(oldIndex, newIndex);
