/** Most mappings in one leaf; few enough that moving half of them costs less than a request's way through a virtqueue. */
export const LEAF_CAPACITY = 256;

const ADDRESSES_SIZE = LEAF_CAPACITY * BigUint64Array.BYTES_PER_ELEMENT;

/** Bytes of a leaf's memory, however many mappings are in it. */
export const LEAF_SIZE = 3 * ADDRESSES_SIZE + LEAF_CAPACITY;

/** Which 32-bit half of a 64-bit number in memory is the low one: this machine's byte order says. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** An address as two 32-bit numbers: comparing bigints takes several times as long. One object serves all look-ups. */
class AddressHalves {
  readonly #whole = new BigUint64Array(1);
  readonly #halves = new Uint32Array(this.#whole.buffer);

  set address(address: bigint) {
    this.#whole[0] = address;
  }

  get high(): number {
    return this.#halves[HIGH]!;
  }

  get low(): number {
    return this.#halves[LOW]!;
  }
}

const wanted = new AddressHalves();

/** The first index in `[0, count)` whose value is greater than `value`; `count` if there is none. `halves` are sorted. */
function upperBound(halves: Uint32Array, count: number, value: bigint): number {
  wanted.address = value;
  const { high, low } = wanted;
  let from = 0;
  let until = count;
  while (from < until) {
    const middle = (from + until) >>> 1;
    const middleHigh = halves[2 * middle + HIGH]!;
    if (middleHigh < high || (middleHigh === high && halves[2 * middle + LOW]! <= low)) from = middle + 1;
    else until = middle;
  }
  return from;
}

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

  /** Whether the first mapping starts at or before the address with these halves. */
  #startsBy(high: number, low: number): boolean {
    const firstHigh = this.#startHalves[HIGH]!;
    return firstHigh < high || (firstHigh === high && this.#startHalves[LOW]! <= low);
  }

  /** Index of the last of the sorted `leaves` that starts at or before `address`; -1 if all start behind it. */
  static lastStartingAt(leaves: readonly MappingLeaf[], address: bigint): number {
    wanted.address = address;
    const { high, low } = wanted;
    let from = 0;
    let until = leaves.length;
    while (from < until) {
      const middle = (from + until) >>> 1;
      if (leaves[middle]!.#startsBy(high, low)) from = middle + 1;
      else until = middle;
    }
    return from - 1;
  }

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
