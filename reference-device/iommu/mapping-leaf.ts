import { upperBound } from './sorted-addresses.ts';

/** Most mappings in one leaf; few enough that moving half of them costs less than a request's way through a virtqueue. */
export const LEAF_CAPACITY = 256;

const ADDRESSES_SIZE = LEAF_CAPACITY * BigUint64Array.BYTES_PER_ELEMENT;

/** Bytes of a leaf's memory, however many mappings are in it. */
export const LEAF_SIZE = 3 * ADDRESSES_SIZE + LEAF_CAPACITY;

/** Up to `LEAF_CAPACITY` mappings in the order of their addresses, in flat memory: 25 bytes each. */
export class MappingLeaf {
  readonly #buffer = new ArrayBuffer(LEAF_SIZE);
  readonly virt_start = new BigUint64Array(this.#buffer, 0, LEAF_CAPACITY);
  readonly virt_end = new BigUint64Array(this.#buffer, ADDRESSES_SIZE, LEAF_CAPACITY);
  readonly phys_start = new BigUint64Array(this.#buffer, 2 * ADDRESSES_SIZE, LEAF_CAPACITY);
  readonly flags = new Uint8Array(this.#buffer, 3 * ADDRESSES_SIZE, LEAF_CAPACITY);
  /** The same memory once more, in halves. */
  readonly #startHalves = new Uint32Array(this.#buffer, 0, 2 * LEAF_CAPACITY);
  readonly #endHalves = new Uint32Array(this.#buffer, ADDRESSES_SIZE, 2 * LEAF_CAPACITY);
  count = 0;

  /** Index of the last mapping that starts at or before `address`; -1 if all start behind it. */
  lastStartingAt(address: bigint): number {
    return upperBound(this.#startHalves, this.count, address) - 1;
  }

  /** Number of mappings that end at or before `address`. */
  countEndingBy(address: bigint): number {
    return upperBound(this.#endHalves, this.count, address);
  }

  /** Puts a mapping at `index` and moves those behind it. The leaf must not be full. */
  insert(index: number, virt_start: bigint, virt_end: bigint, phys_start: bigint, flags: number): void {
    if (index < this.count) this.#move(index, index + 1);
    this.virt_start[index] = virt_start;
    this.virt_end[index] = virt_end;
    this.phys_start[index] = phys_start;
    this.flags[index] = flags;
    this.count++;
  }

  /** Removes the mappings `[from, until)`. */
  remove(from: number, until: number): void {
    if (until < this.count) this.#move(until, from);
    this.count -= until - from;
  }

  /** Appends the mappings of `other` from its index `from` on, which all lie behind this leaf's; there must be room. */
  append(other: MappingLeaf, from: number): void {
    this.virt_start.set(other.virt_start.subarray(from, other.count), this.count);
    this.virt_end.set(other.virt_end.subarray(from, other.count), this.count);
    this.phys_start.set(other.phys_start.subarray(from, other.count), this.count);
    this.flags.set(other.flags.subarray(from, other.count), this.count);
    this.count += other.count - from;
  }

  #move(from: number, to: number): void {
    this.virt_start.copyWithin(to, from, this.count);
    this.virt_end.copyWithin(to, from, this.count);
    this.phys_start.copyWithin(to, from, this.count);
    this.flags.copyWithin(to, from, this.count);
  }
}
