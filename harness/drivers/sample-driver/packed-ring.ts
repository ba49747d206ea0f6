/** One packed virtqueue (2.8): the ring and the two event suppression structures, written byte by byte. */
import { DESCRIPTOR_SIZE, type Piece, spoiled, type TableRoom, usesTable } from './descriptor-chain.ts';
import type { QueueAddresses } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import { InFlight } from './in-flight.ts';
import type { Ring, RingFeatures, UsedEntry } from './ring.ts';

const NEXT = 0x0001;
const WRITE = 0x0002;
const INDIRECT = 0x0004;
const UNDEFINED_FLAG = 0x0008;
const AVAIL = 0x0080;
const USED = 0x8000;

const EVENTS_ALWAYS = 0;
const EVENTS_NEVER = 1;
const EVENTS_AT_DESCRIPTOR = 2;
const RESERVED_EVENT_FLAG = 0x4000;

const WRAP = 0x8000;

interface RingPlaces {
  readonly ring: number;
  readonly driverEvent: number;
  readonly deviceEvent: number;
}

/** A descriptor as it is to be written, without the marks. */
interface Element {
  readonly bus: bigint;
  readonly length: number;
  readonly flags: number;
}

/** Where in its list an element stands. */
interface Position {
  readonly at: number;
  readonly count: number;
  readonly id: number;
  /** Nothing of it is written before its turn. */
  readonly isLate: boolean;
}

/** Bytes that the parts of a packed queue of `size` descriptors take, spoiled alignment included. */
export const packedRingLength = (size: number): number => size * DESCRIPTOR_SIZE + 32;

export class PackedRing implements Ring {
  readonly size: number;
  readonly #view: DataView;
  readonly #start: number;
  readonly #places: RingPlaces;
  readonly #features: RingFeatures;
  readonly #faults: DriverFaults;
  readonly #inFlight: InFlight;
  readonly #freeIds: number[];
  readonly #idsInUse = new Set<number>();
  /** Buffers that came back together with one that was taken. */
  readonly #returned: UsedEntry[] = [];
  isHalfPublished = false;
  /** What is still to be written before the device may look. */
  #unpublished: (() => void)[] = [];
  /** What is to be written once the device has used what is in its place. */
  #overflow: (() => void)[] = [];
  /** Positions count descriptors since the ring was made: the next to fill, at the last notification, the next used one. */
  #next = 0;
  #published = 0;
  #notifiedAt = 0;
  #nextUsed = 0;
  #silenced = false;

  /** `start` is where the CPU finds the zeroed memory of the ring; it holds `packedRingLength(size)` bytes. */
  constructor(view: DataView, start: number, size: number, features: RingFeatures, faults: DriverFaults) {
    this.#view = view;
    this.#start = start;
    this.size = size;
    this.#features = features;
    this.#faults = faults;
    this.#inFlight = new InFlight(features.inOrder, faults);
    const firstId = faults.has('packed-id-beyond-ring') ? size : 0;
    this.#freeIds = Array.from({ length: size }, (_, index) => firstId + index);
    const end = size * DESCRIPTOR_SIZE + 8;
    const shift = faults.has('packed-event-misaligned') ? 2 : 0;
    this.#places = {
      ring: faults.has('packed-ring-misaligned') ? 8 : 0,
      driverEvent: end + shift,
      deviceEvent: end + 8 + shift,
    };
    if (faults.has('rings-not-cleared')) this.#leaveOldContents();
    this.#askForInterrupts();
  }

  #leaveOldContents(): void {
    for (let offset = 0; offset < this.size * DESCRIPTOR_SIZE; offset += 2) this.#put(offset, 0x5a5a);
  }

  addresses(bus: bigint): QueueAddresses {
    return {
      desc: bus + BigInt(this.#places.ring),
      driver: bus + BigInt(this.#places.driverEvent),
      device: bus + BigInt(this.#places.deviceEvent),
    };
  }

  has(id: number): boolean {
    return this.#idsInUse.has(id);
  }

  #get(offset: number): number {
    return this.#view.getUint16(this.#start + offset, true);
  }

  #put(offset: number, value: number): void {
    this.#view.setUint16(this.#start + offset, value, true);
  }

  #descriptor(position: number): number {
    const index = this.#faults.has('packed-mask') ? position & (this.size - 1) : position % this.size;
    return this.#places.ring + index * DESCRIPTOR_SIZE;
  }

  /** The wrap counter at a position: true in the first round, false in the second, and so on. */
  #wrap(position: number): boolean {
    if (this.#faults.has('packed-wrap-not-flipped')) return true;
    const flipped = this.#faults.has('packed-wrap-starts-0');
    return (Math.floor(position / this.size) % 2 === 0) !== flipped;
  }

  /** A position as the device is told of it. */
  #told(position: number): number {
    return (position % this.size) + (this.#wrap(position) ? WRAP : 0);
  }

  #available(position: number): number {
    if (this.#faults.has('packed-used-bit-set')) return this.#wrap(position) ? AVAIL | USED : 0;
    return this.#wrap(position) ? AVAIL : USED;
  }

  place(wanted: readonly Piece[], room?: TableRoom): number | undefined {
    const pieces = spoiled(wanted, this.size, this.#faults);
    const elements = this.#elements(pieces, room);
    const taken = this.#faults.has('packed-counts-buffers') ? this.#inFlight.count : this.#inFlight.slotCount;
    const fitting = this.#fitting(elements.length, this.size - taken);
    if (fitting === 0) return undefined;
    const [inUse] = this.#faults.has('packed-id-in-use') ? this.#idsInUse : [];
    const id = inUse ?? this.#freeIds.shift();
    if (id === undefined) return undefined;
    this.#idsInUse.add(id);
    const writable = pieces.filter((piece) => piece.writable).reduce((sum, piece) => sum + piece.length, 0);
    this.#inFlight.add({ id, slotCount: elements.length, writableLength: writable });
    const isHeadFirst = this.#isHeadFirst();
    const late = isHeadFirst ? 1 : fitting;
    const [publishesHead, ...rest] = elements.map((element, at) =>
      this.#prepare(element, { at, count: elements.length, id, isLate: at >= late }),
    );
    const overflow = rest.splice(fitting - 1);
    if (!this.#faults.has('packed-head-as-room-allows')) this.#overflow.push(...overflow);
    if (isHeadFirst) {
      this.isHalfPublished = true;
      publishesHead?.();
      this.#unpublished.push(...rest);
    } else {
      for (const publish of rest) publish();
      if (publishesHead) this.#unpublished.push(publishesHead);
    }
    this.#next += elements.length;
    return id;
  }

  /** How many descriptors of a list of `count` are written now: all, or none if there is no room. */
  #fitting(count: number, free: number): number {
    if (count <= free || this.#faults.has('packed-overruns-ring')) return count;
    const begins = this.#faults.has('packed-list-begun-without-room') || this.#faults.has('packed-head-as-room-allows');
    return begins ? Math.max(free, 0) : 0;
  }

  #isHeadFirst(): boolean {
    const isBusy = this.#inFlight.count > 1;
    return this.#faults.has('packed-head-first') || (isBusy && this.#faults.has('packed-head-first-when-busy'));
  }

  /** What goes into the ring for a buffer of these pieces; an indirect table is written at once. */
  #elements(pieces: readonly Piece[], room: TableRoom | undefined): Element[] {
    const direct = pieces.map(({ bus, length, writable }) => ({ bus, length, flags: writable ? WRITE : 0 }));
    if (!room || !usesTable(pieces, this.#features, this.#faults)) return direct;
    const before = this.#faults.has('packed-indirect-in-list') ? 1 : 0;
    const behind = this.#faults.has('packed-tail-behind-table') ? 1 : 0;
    const inner = direct.slice(before, direct.length - behind);
    for (const [index, element] of inner.entries()) {
      let extra = this.#faults.has('packed-next-in-table') && index < inner.length - 1 ? NEXT : 0;
      if (this.#faults.has('packed-marks-in-table')) extra |= AVAIL;
      const at = room.offset + index * DESCRIPTOR_SIZE;
      this.#write(at, element, 0);
      this.#view.setUint16(at + 14, element.flags | extra, true);
    }
    const table = { bus: room.bus, length: inner.length * DESCRIPTOR_SIZE, flags: INDIRECT };
    return [...direct.slice(0, before), table, ...direct.slice(direct.length - behind)];
  }

  /** Writes an element but for its flags; what writes those, or both if it is late. */
  #prepare(element: Element, { at, count, id, isLate }: Position): () => void {
    const position = this.#next + at;
    const chained = at < count - 1 ? NEXT : 0;
    const marks = at > 0 && this.#faults.has('packed-list-unmarked') ? 0 : this.#available(position);
    const offset = this.#descriptor(position);
    const told = at > 0 && this.#faults.has('packed-id-in-first-only') ? 0 : id;
    const write = (): void => this.#write(this.#start + offset, element, told);
    const mark = (): void => this.#put(offset + 14, element.flags | chained | marks);
    if (isLate) {
      return () => {
        write();
        mark();
      };
    }
    write();
    return mark;
  }

  /** Writes a descriptor at `at` of memory, but for its flags. */
  #write(at: number, { bus, length }: Element, id: number): void {
    this.#view.setBigUint64(at, bus, true);
    this.#view.setUint32(at + 8, length, true);
    this.#view.setUint16(at + 12, id, true);
  }

  publish(): void {
    for (const publish of this.#unpublished) publish();
    this.#unpublished = [];
    this.isHalfPublished = false;
    this.#published = this.#next;
  }

  get nextOffset(): number {
    const position = this.#faults.has('notification-position-stale') ? this.#stalePosition() : this.#published;
    const told = this.#told(position);
    return this.#faults.has('notification-wrap-missing') ? told & ~WRAP : told;
  }

  #stalePosition(): number {
    return Math.max(this.#published - 1, 0);
  }

  wantsNotification(): boolean {
    const before = this.#notifiedAt;
    this.#notifiedAt = this.#published;
    if (this.#silenced) return false;
    const wanted = this.#asksForNotification(before);
    if (!wanted && this.#faults.has('never-kicks-after-suppression')) this.#silenced = true;
    return wanted || this.#faults.has('kicks-despite-suppression');
  }

  /** 2.8.10: what the device wants to hear of, and whether that lies between `before` and now. */
  #asksForNotification(before: number): boolean {
    const flags = this.#get(this.#places.deviceEvent + 2) & 3;
    if (flags !== EVENTS_AT_DESCRIPTOR || !this.#features.eventIdx) return flags !== EVENTS_NEVER;
    const told = this.#get(this.#places.deviceEvent);
    const last = this.#published - 1;
    const round = last - (last % this.size);
    const inThisRound = round + (told & (WRAP - 1));
    const event = this.#wrap(round) === ((told & WRAP) !== 0) ? inThisRound : inThisRound - this.size;
    return event >= before && event <= last;
  }

  takeUsed(): UsedEntry | undefined {
    const waiting = this.#returned.shift();
    if (waiting) return waiting;
    const at = this.#descriptor(this.#nextUsed);
    const flags = this.#get(at + 14);
    const marks = this.#wrap(this.#nextUsed) ? AVAIL | USED : 0;
    if ((flags & (AVAIL | USED)) !== marks || this.#nextUsed >= this.#next) {
      if (this.#nextUsed < this.#next) this.#spoilExposed(at, flags);
      return undefined;
    }
    const length = this.#view.getUint32(this.#start + at + 8, true);
    // Without WRITE the device has written nothing, and the length means nothing (2.8.3).
    const { entries, slotCount } = this.#inFlight.settle(this.#get(at + 12), (flags & WRITE) === 0 ? 0 : length);
    this.#nextUsed += this.#faults.has('packed-skips-one-slot') ? 1 : slotCount;
    this.#returned.push(...entries);
    for (const publish of this.#overflow.splice(0)) publish();
    this.#askForInterrupts();
    return this.#returned.shift();
  }

  /** What drivers with these mistakes do to a descriptor at `at` that the device has. */
  #spoilExposed(at: number, flags: number): void {
    if (this.#faults.has('packed-changes-exposed')) this.#put(at + 14, flags | UNDEFINED_FLAG);
    if (this.#faults.has('packed-withdraws-buffer')) this.#put(at + 14, flags ^ AVAIL);
  }

  /** Asks for an interrupt at the next used descriptor. */
  #askForInterrupts(): void {
    if (this.#faults.has('used-event-not-moved') && this.#nextUsed > 0) return;
    const byDescriptor = this.#features.eventIdx || this.#faults.has('packed-event-desc-without-feature');
    this.#put(this.#places.driverEvent, byDescriptor ? this.#told(this.#nextUsed) : 0);
    const wanted = byDescriptor ? EVENTS_AT_DESCRIPTOR : EVENTS_ALWAYS;
    const flags = this.#faults.has('interrupts-off') ? EVENTS_NEVER : wanted;
    const garbage = this.#faults.has('packed-event-garbage') ? RESERVED_EVENT_FLAG : 0;
    this.#put(this.#places.driverEvent + 2, flags | garbage);
  }

  release(id: number): void {
    if (this.#idsInUse.delete(id)) this.#freeIds.push(id);
  }
}
