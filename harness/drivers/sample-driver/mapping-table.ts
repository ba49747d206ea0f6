/** One range of addresses that leads to memory; `end` belongs to it. */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  readonly physical: bigint;
  /** Flags of its MAP. */
  readonly flags: number;
}

/** The mappings of a domain in the order of their addresses; they never overlap. */
export class MappingTable {
  #mappings: Mapping[] = [];

  get all(): readonly Mapping[] {
    return this.#mappings;
  }

  /** Index of the first mapping that ends at or behind `address`. */
  #indexAt(address: bigint): number {
    let from = 0;
    let until = this.#mappings.length;
    while (from < until) {
      const middle = (from + until) >> 1;
      if (this.#mappings[middle]!.end < address) from = middle + 1;
      else until = middle;
    }
    return from;
  }

  /** The mappings that have an address in `start`..`end`. */
  within(start: bigint, end: bigint): readonly Mapping[] {
    const from = this.#indexAt(start);
    let until = from;
    while (until < this.#mappings.length && this.#mappings[until]!.start <= end) until++;
    return this.#mappings.slice(from, until);
  }

  /** The last mapping that begins at or before `address`. */
  lastBefore(address: bigint): Mapping | undefined {
    const index = this.#indexAt(address);
    const here = this.#mappings[index];
    return here && here.start <= address ? here : this.#mappings[index - 1];
  }

  add(mapping: Mapping): void {
    this.#mappings.splice(this.#indexAt(mapping.start), 0, mapping);
  }

  remove(mapping: Mapping): void {
    const index = this.#indexAt(mapping.start);
    if (this.#mappings[index] === mapping) this.#mappings.splice(index, 1);
    else this.#mappings = this.#mappings.filter((other) => other !== mapping);
  }

  clear(): void {
    this.#mappings = [];
  }
}
