/**
 * The mappings of one domain: ranges with inclusive ends that never overlap, in the order of their addresses.
 * They lie in leaves of flat memory under one sorted directory. Look-up is O(log n). Insertion and removal move a part of
 * a leaf and, once in a hundred times or so, of the directory, whose entries are n / 120 at most.
 * Two neighbouring leaves always hold more than `MERGE_LIMIT` mappings together, so a mapping costs at most
 * 256 * 25 / 120 = 53 bytes and its share of the leaf's objects: under 64.
 */
import { LEAF_CAPACITY, LEAF_SIZE, MappingLeaf } from './mapping-leaf.ts';
import { upperBound } from './sorted-addresses.ts';

/** Neighbours with no more mappings than this become one leaf. Below the capacity, or the next insertion would split it again. */
const MERGE_LIMIT = 240;

/** Leaves for which there is room from the start. */
const FIRST_STARTS = 16;

/** What one MAP request made (5.13.6.5). `virt_end` is inclusive. */
export interface Mapping {
  readonly virt_start: bigint;
  readonly virt_end: bigint;
  readonly phys_start: bigint;
  readonly flags: number;
}

export class Mappings {
  /** None of them is empty. */
  readonly #leaves: MappingLeaf[] = [];
  /** The leaf emptied last, for the next one that is needed: a driver that maps and unmaps one page makes no garbage. */
  #spare: MappingLeaf | undefined;
  /** Where each leaf starts, side by side; longer than needed. A look-up would else go through one leaf after the other. */
  #starts = new BigUint64Array(FIRST_STARTS);
  #startHalves = new Uint32Array(this.#starts.buffer);
  /** Leaves were added or removed since `#starts` was filled. */
  #areStartsStale = false;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Bytes that the leaves take up, used or not. */
  get sizeInBytes(): number {
    return this.#leaves.length * LEAF_SIZE;
  }

  /** The mapping that holds `address`. */
  find(address: bigint): Mapping | undefined {
    const leaf = this.#leaves[this.#leafFor(address)];
    if (!leaf) return undefined;
    const index = leaf.lastStartingAt(address);
    if (index < 0 || leaf.virt_end[index]! < address) return undefined;
    return at(leaf, index);
  }

  /** Whether any address of `[virt_start, virt_end]` is mapped. */
  overlaps(virt_start: bigint, virt_end: bigint): boolean {
    const leaf = this.#leaves[this.#leafFor(virt_end)];
    if (!leaf) return false;
    const index = leaf.lastStartingAt(virt_end);
    return index >= 0 && leaf.virt_end[index]! >= virt_start;
  }

  /** Whether `[virt_start, virt_end]` holds a part of a mapping, but not all of it. */
  wouldSplit(virt_start: bigint, virt_end: bigint): boolean {
    return this.#reachesBehind(virt_end) || (virt_start > 0n && this.#reachesBehind(virt_start - 1n));
  }

  /** Whether a mapping holds both `address` and the address behind it. */
  #reachesBehind(address: bigint): boolean {
    const leaf = this.#leaves[this.#leafFor(address)];
    return leaf !== undefined && leaf.virt_end[leaf.lastStartingAt(address)]! > address;
  }

  /** Adds a mapping. Callers have made sure that its range overlaps no other one. */
  insert(mapping: Mapping): void {
    const { virt_start, virt_end, phys_start, flags } = mapping;
    const leafIndex = this.#makeRoom(Math.max(0, this.#leafFor(virt_start)), virt_start);
    const leaf = this.#leaves[leafIndex]!;
    const index = leaf.lastStartingAt(virt_start) + 1;
    leaf.insert(index, virt_start, virt_end, phys_start, flags);
    if (index === 0) this.#starts[leafIndex] = virt_start;
    this.#count++;
  }

  /** Removes every mapping that lies wholly in `[virt_start, virt_end]`; the number removed. */
  removeWithin(virt_start: bigint, virt_end: bigint): number {
    const before = this.#count;
    const firstLeaf = Math.max(0, this.#leafFor(virt_start));
    let leafIndex = firstLeaf;
    let emptyFrom = -1;
    let emptyCount = 0;
    for (; leafIndex < this.#leaves.length; leafIndex++) {
      const leaf = this.#leaves[leafIndex]!;
      if (leaf.virt_start[0]! > virt_end) break;
      this.#count -= removeFromLeaf(leaf, virt_start, virt_end);
      if (leaf.count > 0) this.#starts[leafIndex] = leaf.virt_start[0]!;
      else if (emptyCount++ === 0) emptyFrom = leafIndex;
    }
    // Emptied leaves follow each other: only the first and the last leaf of a removed range can keep mappings.
    if (emptyCount > 0) {
      this.#spare = this.#leaves.splice(emptyFrom, emptyCount)[0];
      this.#areStartsStale = true;
    }
    this.#mergeAround(firstLeaf);
    return before - this.#count;
  }

  /** Every mapping in the order of addresses. */
  *[Symbol.iterator](): Generator<Mapping> {
    for (const leaf of this.#leaves) {
      for (let index = 0; index < leaf.count; index++) yield at(leaf, index);
    }
  }

  /** Index of the last leaf that starts at or before `address`; -1 if all start behind it. */
  #leafFor(address: bigint): number {
    if (this.#areStartsStale) this.#refillStarts();
    return upperBound(this.#startHalves, this.#leaves.length, address) - 1;
  }

  /** Makes sure that the mapping at `virt_start` can go into a leaf, at `leafIndex` or beside it; where it belongs. */
  #makeRoom(leafIndex: number, virt_start: bigint): number {
    const leaf = this.#leaves[leafIndex];
    if (!leaf) {
      this.#leaves.push(this.#emptyLeaf());
      return 0;
    }
    if (leaf.count < LEAF_CAPACITY) return leafIndex;
    // Drivers hand out addresses upwards or downwards; growth at either end leaves full leaves behind.
    if (leafIndex === 0 && virt_start < leaf.virt_start[0]!) {
      this.#leaves.unshift(this.#emptyLeaf());
      return 0;
    }
    if (leafIndex === this.#leaves.length - 1 && virt_start > leaf.virt_start[leaf.count - 1]!) {
      return this.#leaves.push(this.#emptyLeaf()) - 1;
    }
    const upper = this.#emptyLeaf();
    upper.append(leaf, LEAF_CAPACITY / 2);
    leaf.count = LEAF_CAPACITY / 2;
    this.#leaves.splice(leafIndex + 1, 0, upper);
    this.#mergeWithNext(leafIndex + 1);
    this.#mergeWithNext(leafIndex - 1);
    return Math.max(0, this.#leafFor(virt_start));
  }

  #refillStarts(): void {
    const { length } = this.#leaves;
    if (length > this.#starts.length) {
      this.#starts = new BigUint64Array(2 * length);
      this.#startHalves = new Uint32Array(this.#starts.buffer);
    }
    // An empty leaf has yet to get its first mapping, whose start is noted then.
    for (let index = 0; index < length; index++) this.#starts[index] = this.#leaves[index]!.virt_start[0]!;
    this.#areStartsStale = false;
  }

  /** A leaf for its caller to put in its place. */
  #emptyLeaf(): MappingLeaf {
    this.#areStartsStale = true;
    const leaf = this.#spare ?? new MappingLeaf();
    this.#spare = undefined;
    return leaf;
  }

  #mergeAround(leafIndex: number): void {
    if (this.#leaves.length < 2) return;
    this.#mergeWithNext(leafIndex);
    this.#mergeWithNext(leafIndex - 1);
    this.#mergeWithNext(leafIndex);
  }

  #mergeWithNext(leafIndex: number): void {
    const leaf = this.#leaves[leafIndex];
    const next = this.#leaves[leafIndex + 1];
    if (!leaf || !next || leaf.count + next.count > MERGE_LIMIT) return;
    leaf.append(next, 0);
    this.#leaves.splice(leafIndex + 1, 1);
    this.#areStartsStale = true;
  }
}

const at = (leaf: MappingLeaf, index: number): Mapping => ({
  virt_start: leaf.virt_start[index]!,
  virt_end: leaf.virt_end[index]!,
  phys_start: leaf.phys_start[index]!,
  flags: leaf.flags[index]!,
});

/** Removes from `leaf` what lies wholly in the range; the number removed. */
const removeFromLeaf = (leaf: MappingLeaf, virt_start: bigint, virt_end: bigint): number => {
  const last = leaf.lastStartingAt(virt_start);
  const from = last >= 0 && leaf.virt_start[last] === virt_start ? last : last + 1;
  const until = leaf.countEndingBy(virt_end);
  if (until <= from) return 0;
  leaf.remove(from, until);
  return until - from;
};
