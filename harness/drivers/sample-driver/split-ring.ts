/** One split virtqueue (2.7): the three parts in memory, descriptors in flight, when to notify. */
import {
  DESCRIPTOR_SIZE,
  type Piece,
  spoiled,
  type Table,
  type TableRoom,
  usesTable,
  writeChain,
  writeIndirect,
} from './descriptor-chain.ts';
import type { QueueAddresses } from './device-registers.ts';
import { type DescriptorOrder, DescriptorPool } from './descriptor-pool.ts';
import type { DriverFaults } from './driver-faults.ts';
import { InFlight } from './in-flight.ts';
import { Panic } from './panic.ts';
import type { Ring, RingFeatures, UsedEntry } from './ring.ts';

interface RingPlaces {
  readonly desc: number;
  readonly avail: number;
  readonly used: number;
}

/** Bytes that the parts of a queue of `size` descriptors take, spoiled alignment included. */
export function ringLength(size: number): number {
  const places = placesOf(size);
  return places.used + 6 + 8 * size + 64;
}

function placesOf(size: number): RingPlaces {
  const avail = size * DESCRIPTOR_SIZE;
  return { desc: 0, avail, used: Math.ceil((avail + 6 + 2 * size) / 4) * 4 };
}

/** Entries of a table that is not made to measure. */
const TABLE_SIZE = 8;

function descriptorOrder({ inOrder }: RingFeatures, faults: DriverFaults): DescriptorOrder {
  if (!inOrder) return faults.has('descriptors-from-the-top') ? 'newest-first' : 'oldest-first';
  return faults.has('accepts-in-order') ? 'newest-first' : 'ring-order';
}

/** Of a descriptor's flags. */
const FLAG_NEXT = 1;

/** Of the available ring's flags. */
const NO_INTERRUPT = 1;

export class SplitRing implements Ring {
  readonly size: number;
  readonly #view: DataView;
  readonly #start: number;
  readonly #places: RingPlaces;
  readonly #features: RingFeatures;
  readonly #faults: DriverFaults;
  readonly #pool: DescriptorPool;
  readonly #inFlight: InFlight;
  /** Descriptors of each chain that is not yet released, by its head. */
  readonly #chains = new Map<number, readonly number[]>();
  /** Chains that came back together with one that was taken. */
  readonly #returned: UsedEntry[] = [];
  #availIndex = 0;
  /** The index when the device was last notified, or need not be. */
  #notifiedIndex = 0;
  #usedIndex = 0;
  #silenced = false;

  /** `start` is where the CPU finds the zeroed memory of the ring; it holds `ringLength(size)` bytes. */
  constructor(view: DataView, start: number, size: number, features: RingFeatures, faults: DriverFaults) {
    const { desc, avail, used } = placesOf(size);
    this.#view = view;
    this.#start = start;
    this.size = size;
    this.#features = features;
    this.#faults = faults;
    this.#places = {
      desc: desc + (faults.has('descriptor-table-misaligned') ? 8 : 0),
      avail: avail + (faults.has('available-ring-misaligned') ? 17 : 0),
      used: used + (faults.has('used-ring-misaligned') ? 34 : 0),
    };
    this.#pool = new DescriptorPool(size, descriptorOrder(features, faults));
    this.#inFlight = new InFlight(features.inOrder, faults);
    if (faults.has('rings-not-cleared')) this.#leaveOldContents();
    if (faults.has('used-flags-not-cleared')) this.#put(this.#places.used, 0x5a5a);
    if (faults.has('interrupts-off') && !features.eventIdx) this.#put(this.#places.avail, NO_INTERRUPT);
    if (faults.has('avail-flags-undefined')) this.#put(this.#places.avail, 0x8000);
    if (faults.has('avail-flags-with-event-idx') && features.eventIdx) this.#put(this.#places.avail, 1);
  }

  #leaveOldContents(): void {
    for (let offset = 0; offset < ringLength(this.size) - 1; offset += 2) this.#put(offset, 0x5a5a);
  }

  /** The places as the device sees them, when the memory of the ring lies at bus address `bus`. */
  addresses(bus: bigint): QueueAddresses {
    return {
      desc: bus + BigInt(this.#places.desc),
      driver: bus + BigInt(this.#places.avail),
      device: bus + BigInt(this.#places.used),
    };
  }

  has(head: number): boolean {
    return this.#chains.has(head);
  }

  #get(offset: number): number {
    const at = this.#start + offset;
    return at + 2 <= this.#view.byteLength ? this.#view.getUint16(at, true) : 0;
  }

  #put(offset: number, value: number): void {
    const at = this.#start + offset;
    if (at + 2 <= this.#view.byteLength) this.#view.setUint16(at, value, true);
  }

  /**
   * Writes a chain's descriptors and its available entry; its head, or undefined if there is no room.
   * With `room` for a table the chain is indirect if that was negotiated.
   */
  place(wanted: readonly Piece[], room?: TableRoom): number | undefined {
    const pieces = spoiled(wanted, this.size, this.#faults);
    const indirect = room !== undefined && usesTable(pieces, this.#features, this.#faults);
    const count = indirect ? 1 : pieces.length;
    const reuses = this.#faults.has('descriptor-reused-in-flight');
    const indices = reuses ? this.#pool.peek(count) : this.#pool.take(count);
    if (!indices) return undefined;
    const head = this.#linked(indices)[0]!;
    const table: Table = { view: this.#view, offset: this.#start + this.#places.desc, size: this.size };
    if (indirect) this.#placeTable(table, head, pieces, room);
    else writeChain(table, this.#linked(indices), pieces, this.#faults);
    this.#chains.set(head, reuses ? [] : indices);
    const writable = pieces.filter((piece) => piece.writable).reduce((sum, piece) => sum + piece.length, 0);
    this.#inFlight.add({ id: head, slotCount: 1, writableLength: writable });
    const slot = this.#faults.has('avail-ring-not-wrapped') ? this.#availIndex : this.#availIndex % this.size;
    this.#put(
      this.#places.avail + 4 + 2 * slot,
      this.#faults.has('avail-entry-out-of-range') ? this.size + head : head,
    );
    this.#availIndex = this.#indexAfterOneMore();
    return head;
  }

  /** The descriptors of a chain in the order in which they are linked. */
  #linked(indices: readonly number[]): readonly number[] {
    const isBackwards = this.#features.inOrder && this.#faults.has('in-order-chain-backwards');
    return isBackwards ? indices.toReversed() : indices;
  }

  /** Puts the chain into a table of its own, to which `head` leads. */
  #placeTable(table: Table, head: number, pieces: readonly Piece[], room: TableRoom): void {
    const gap = this.#features.inOrder ? this.#gap(pieces.length) : 0;
    const indices = [...pieces.keys()].map((index) => (index === 0 ? 0 : index + gap));
    const inner: Table = { view: this.#view, offset: room.offset, size: pieces.length + gap };
    writeChain(inner, indices, pieces, this.#faults, true);
    writeIndirect(table, head, room, inner.size, this.#faults);
  }

  /** Entries that are left out behind the first of a table. */
  #gap(count: number): number {
    if (this.#faults.has('in-order-tail-at-table-end')) return Math.max(TABLE_SIZE - count, 0);
    return this.#faults.has('in-order-table-gap') ? 1 : 0;
  }

  #indexAfterOneMore(): number {
    if (this.#faults.has('avail-idx-two-ahead')) return (this.#availIndex + 2) & 0xffff;
    if (this.#faults.has('avail-idx-modulo-size')) return (this.#availIndex + 1) % this.size;
    if (this.#faults.has('avail-idx-goes-back') && this.#availIndex === 2) return 1;
    return (this.#availIndex + 1) & 0xffff;
  }

  /** A chain is seen by its available entry, as a whole. */
  readonly isHalfPublished = false;

  /** Lets the device see every chain that was placed. */
  publish(): void {
    this.#put(this.#places.avail + 2, this.#availIndex);
  }

  /** Value of a notification with VIRTIO_F_NOTIFICATION_DATA: the next place in the available ring. */
  get nextOffset(): number {
    return this.#faults.has('notification-position-stale') ? Math.max(this.#availIndex - 1, 0) : this.#availIndex;
  }

  /** Whether the device wants to be told of the chains published since the last call (2.7.10). */
  wantsNotification(): boolean {
    const before = this.#notifiedIndex;
    this.#notifiedIndex = this.#availIndex;
    if (this.#silenced) return false;
    const wanted = this.#asksForNotification(before);
    if (!wanted && this.#faults.has('never-kicks-after-suppression')) this.#silenced = true;
    return wanted || this.#faults.has('kicks-despite-suppression');
  }

  #asksForNotification(before: number): boolean {
    const flag = (this.#get(this.#places.used) & 1) === 0;
    const heedsBoth = this.#faults.has('both-suppressions-heeded');
    if ((heedsBoth || this.#faults.has('used-flag-with-event-idx')) && !flag) return false;
    const byIndex = this.#features.eventIdx || heedsBoth || this.#faults.has('avail-event-without-feature');
    if (!byIndex) return flag;
    const event = this.#get(this.#places.used + 4 + 8 * this.size);
    if (this.#faults.has('event-idx-off-by-one'))
      return ((this.#availIndex - event - 2) & 0xffff) < ((this.#availIndex - before) & 0xffff);
    return ((this.#availIndex - event - 1) & 0xffff) < ((this.#availIndex - before) & 0xffff);
  }

  /** The next used entry that this driver has not seen; the device may have written anything into it. */
  takeUsed(): UsedEntry | undefined {
    const waiting = this.#returned.shift();
    if (waiting) return waiting;
    if (this.#get(this.#places.used + 2) === this.#usedIndex) return undefined;
    const slot = this.#faults.has('used-ring-not-wrapped') ? this.#usedIndex : this.#usedIndex % this.size;
    const at = this.#places.used + 4 + 8 * slot;
    const id = this.#get(at) + this.#get(at + 2) * 0x10000;
    const length = this.#get(at + 4) + this.#get(at + 6) * 0x10000;
    const { entries, slotCount } = this.#inFlight.settle(id, length);
    this.#usedIndex = (this.#usedIndex + slotCount) & 0xffff;
    this.#returned.push(...entries);
    if (this.#features.eventIdx && !this.#faults.has('used-event-not-moved')) {
      this.#put(this.#places.avail + 4 + 2 * this.size, this.#usedIndex);
    }
    return this.#returned.shift();
  }

  /** Gives the descriptors of a chain back that the device is done with. */
  release(head: number): void {
    const indices = this.#chains.get(head) ?? [];
    this.#pool.give(this.#faults.has('descriptor-readback') ? this.#chainInMemory(head) : indices);
    this.#chains.delete(head);
  }

  /** The descriptors of a chain by what stands in them, which is what the device has left there. */
  #chainInMemory(head: number): number[] {
    const indices = [head];
    for (let index = head; ; ) {
      const at = this.#places.desc + index * DESCRIPTOR_SIZE;
      if ((this.#get(at + 12) & FLAG_NEXT) === 0) return indices;
      index = this.#get(at + 14);
      indices.push(index);
      if (indices.length > this.size) throw new Panic('hung', `the chain of descriptor ${head} has no end`);
    }
  }
}
