/** The device's side of a packed virtqueue (2.8). */
import type { RingBreak, RingState, TracedDescriptor } from '../trace-events.ts';
import { DESCRIPTOR_BYTES, packedRing, RING_EVENT_FLAGS, VIRTQ_DESC_F, WRAP_BIT } from '../wire/virtio.ts';
import { isAvailable, type PackedDescriptors, walkList, wrapAt } from './packed-list.ts';
import type { QueueMemory, RingArea } from './queue-memory.ts';
import type { SplitLayout } from './split-virtqueue.ts';
import type { BrokenChain, ReturnedBuffer, Taken, Virtqueue } from './virtqueue.ts';
import { counted } from '../counted.ts';

/** How the driver set the queue up; `size` from 1 to 32768, not necessarily a power of two. */
export type PackedLayout = SplitLayout;

const EVENT_FLAGS_MASK = 3;

/** Positions are counted in descriptors from the moment the queue was enabled; `position % size` is the slot. */
export class PackedVirtqueue implements Virtqueue {
  readonly size: number;
  readonly #eventIdx: boolean;
  readonly #ring: RingArea;
  readonly #driverEvent: RingArea;
  readonly #deviceEvent: RingArea;
  readonly #packed: PackedDescriptors;
  /** Buffer IDs that the device has. */
  readonly #held = new Set<number>();
  /** Flags of each descriptor as the device last took or wrote them. */
  readonly #knownFlags: Uint16Array;
  /** A descriptor that was changed while the device had it, to be told of at the next look. */
  #changed: BrokenChain | undefined;
  /** The driver has notified, and the device has found nothing since. */
  #isTold = false;
  /** Where the next list begins, where the next used descriptor goes, and up to where the driver was seen to be. */
  #taken = 0;
  #used = 0;
  #seen = 0;
  /** `#used` when the need for an interrupt was last judged. */
  #judgedUsed = 0;
  #suppressing = false;
  #unusable = false;

  constructor(memory: QueueMemory, layout: PackedLayout) {
    const { size } = layout;
    this.size = size;
    this.#knownFlags = new Uint16Array(size);
    this.#eventIdx = layout.eventIdx;
    this.#ring = memory.area(layout.desc, packedRing.descriptorRingLength(size));
    this.#driverEvent = memory.area(layout.driver, packedRing.eventSuppressionLength);
    this.#deviceEvent = memory.area(layout.device, packedRing.eventSuppressionLength);
    this.#packed = { size, memory, ring: this.#ring, indirectNegotiated: layout.indirect };
  }

  /** packed/device/order/start-in-ring-order */
  popAvail(): Taken | undefined {
    if (this.#unusable) return undefined;
    const changed = this.#changed;
    if (changed !== undefined) {
      this.#changed = undefined;
      return changed;
    }
    const taken = walkList(this.#packed, {
      position: this.#taken,
      availIdx: this.#encoded(this.#taken),
      availFlags: this.#driverEvent.peekU16(packedRing.eventFlagsOffset) ?? 0,
    });
    if (taken === undefined) return this.#lookForWrongMarks();
    this.#isTold = false;
    const { headIndex, slotCount, descriptors } = taken;
    if (headIndex === undefined || slotCount === undefined) {
      this.#unusable = true;
      return taken.outcome === 'broken' ? this.#withReason(taken) : taken;
    }
    // packed/driver/desc/no-change-before-used
    if (this.#taken + slotCount > this.#used + this.size) {
      return this.#stop(
        'ring-overrun',
        `the driver makes ${counted(slotCount, 'descriptor')} available while the device has ${this.#taken - this.#used} of ${this.size}`,
        descriptors,
      );
    }
    for (const { table, index, flags } of descriptors) if (table === 'direct') this.#knownFlags[index] = flags;
    this.#taken += slotCount;
    if (this.#seen < this.#taken) this.#seen = this.#taken;
    // packed/prose/buffer-id-in-last: a second buffer of this ID could not be told from the first.
    if (this.#held.has(headIndex)) {
      return this.#stop('buffer-id-in-flight', `buffer ID ${headIndex} is made available twice`, descriptors);
    }
    this.#held.add(headIndex);
    return taken;
  }

  /** packed/driver/sg/no-partial-list-reliance: a list goes on where the device has descriptors that it has not used. */
  #withReason(broken: BrokenChain): BrokenChain {
    const next = this.#taken + broken.descriptors.length - 1;
    if (broken.reason !== 'list-incomplete' || next < this.#used + this.size) return broken;
    const says = `a list was begun at descriptor ${this.#taken % this.size}, and the device still has descriptor ${next % this.size}, where it has to go on`;
    return { ...broken, reason: 'list-without-room', says };
  }

  /** Nothing is available though the driver has notified: a descriptor that has changed was meant to be, and is not. */
  #lookForWrongMarks(): BrokenChain | undefined {
    if (!this.#isTold) return undefined;
    this.#isTold = false;
    const slot = this.#taken % this.size;
    const flags = this.#ring.peekU16(this.#flagsAt(this.#taken));
    if (flags === undefined || flags === this.#knownFlags[slot]) return undefined;
    const wrap = wrapAt(this.#taken, this.size);
    const inverse = isAvailable(flags, wrap === 1 ? 0 : 1);
    // packed/driver/desc/no-change-before-used, packed/prose/wrap-counter-1, packed/prose/avail-used-bits
    const reason = !inverse ? 'descriptor-marks-wrong' : this.#isOvertaken() ? 'ring-overrun' : 'wrap-counter-wrong';
    const says =
      `descriptor ${slot} was changed to flags 0x${flags.toString(16)} and is not available: ` +
      `AVAIL has to be ${wrap} and USED ${1 - wrap}${reason === 'ring-overrun' ? ', as further on' : ''}`;
    return { outcome: 'broken', reason, says, descriptors: [], goesOn: true };
  }

  /** Whether descriptors behind the next one are available: the driver has come round to the next one again. */
  #isOvertaken(): boolean {
    for (let position = this.#taken + 1; position < this.#taken + this.size; position++) {
      const flags = this.#ring.peekU16(this.#flagsAt(position));
      if (flags !== undefined && isAvailable(flags, wrapAt(position, this.size))) return true;
    }
    return false;
  }

  #stop(reason: RingBreak, says: string, descriptors: readonly TracedDescriptor[]): BrokenChain {
    this.#unusable = true;
    return { outcome: 'broken', reason, says, descriptors };
  }

  /** A position as an event suppression structure or a notification names it: the wrap counter in bit 15. */
  #encoded(position: number): number {
    return (position % this.size) | (wrapAt(position, this.size) * WRAP_BIT);
  }

  addUsed({ headIndex, slotCount, skipped = [] }: ReturnedBuffer, usedLength: number): boolean {
    if (this.#unusable) return false;
    for (const head of [...skipped, headIndex]) this.#held.delete(head);
    this.#lookForChange();
    const at = (this.#used % this.size) * DESCRIPTOR_BYTES + packedRing.lenOffset;
    const both = VIRTQ_DESC_F.AVAIL | VIRTQ_DESC_F.USED;
    const marks = wrapAt(this.#used, this.size) === 1 ? both : 0;
    // 2.8.3: WRITE tells whether anything was written; without it the length means nothing.
    const flags = marks | (usedLength > 0 ? VIRTQ_DESC_F.WRITE : 0);
    this.#knownFlags[this.#used % this.size] = flags;
    // packed/device/order/write-in-completion-order; packed/device/desc/no-change-after-used: the next one goes behind it.
    this.#used += slotCount;
    return this.#ring.writeU32Pair(at, usedLength, headIndex + flags * 0x1_0000);
  }

  /** packed/driver/desc/no-change-after-avail: what is about to be written over has to be as it was. */
  #lookForChange(): void {
    const slot = this.#used % this.size;
    const flags = this.#ring.peekU16(this.#flagsAt(this.#used));
    const known = this.#knownFlags[slot];
    if (flags === undefined || flags === known || this.#used >= this.#taken) return;
    const says = `descriptor ${slot} was available with flags 0x${known?.toString(16)} and has 0x${flags.toString(16)} now`;
    this.#changed = { outcome: 'broken', reason: 'descriptor-changed', says, descriptors: [], goesOn: true };
  }

  needsInterrupt(): boolean {
    const before = this.#judgedUsed;
    this.#judgedUsed = this.#used;
    if (before === this.#used || this.#unusable) return false;
    const at = this.#driverEvent.load(0, packedRing.eventSuppressionLength);
    if (at === undefined) return false;
    const view = this.#driverEvent.view;
    const flags = view.getUint16(at + packedRing.eventFlagsOffset, true) & EVENT_FLAGS_MASK;
    if (flags === RING_EVENT_FLAGS.DISABLE) return false;
    // One interrupt too many does no harm where the driver asks for what it may not ask for.
    if (flags !== RING_EVENT_FLAGS.DESC || !this.#eventIdx) return true;
    const event = this.#decoded(view.getUint16(at + packedRing.eventDescOffset, true));
    return event >= before && event < this.#used;
  }

  /** The last position before `#used` that the 16 bits can mean. */
  #decoded(offset: number): number {
    const last = this.#used - 1;
    const round = last - (last % this.size);
    const position = round + (offset & (WRAP_BIT - 1));
    return wrapAt(round, this.size) === offset >> 15 ? position : position - this.size;
  }

  suppressNotifications(): void {
    // packed/prose/may-suppress-kicks
    this.#suppressing = true;
    this.#deviceEvent.writeU16(packedRing.eventFlagsOffset, RING_EVENT_FLAGS.DISABLE);
  }

  enableNotifications(): boolean {
    if (this.#unusable) return false;
    if (this.#eventIdx) {
      this.#deviceEvent.writeU16(packedRing.eventDescOffset, this.#encoded(this.#driverAt() ?? this.#taken));
      this.#deviceEvent.writeU16(packedRing.eventFlagsOffset, RING_EVENT_FLAGS.DESC);
    } else if (this.#suppressing) {
      this.#deviceEvent.writeU16(packedRing.eventFlagsOffset, RING_EVENT_FLAGS.ENABLE);
    } else {
      return false;
    }
    this.#suppressing = false;
    const flags = this.#ring.readU16(this.#flagsAt(this.#taken));
    return flags !== undefined && isAvailable(flags, wrapAt(this.#taken, this.size));
  }

  #flagsAt(position: number): number {
    return (position % this.size) * DESCRIPTOR_BYTES + packedRing.flagsOffset;
  }

  /** How far the driver has made descriptors available; undefined if the ring cannot be read. Looks at no slot twice. */
  #driverAt(): number | undefined {
    for (; this.#seen < this.#used + this.size; this.#seen++) {
      const flags = this.#ring.peekU16(this.#flagsAt(this.#seen));
      if (flags === undefined) return undefined;
      if (!isAvailable(flags, wrapAt(this.#seen, this.size))) break;
    }
    return this.#seen;
  }

  notified(): void {
    this.#isTold = true;
  }

  ringState(): RingState | undefined {
    const position = this.#driverAt();
    const flags = this.#deviceEvent.peekU16(packedRing.eventFlagsOffset);
    const event = this.#deviceEvent.peekU16(packedRing.eventDescOffset);
    if (position === undefined || flags === undefined || event === undefined) return undefined;
    return { position: this.#encoded(position), flags, event };
  }
}
