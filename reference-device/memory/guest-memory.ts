/** A piece of guest RAM: `bytes` lie at guest-physical address `start`. */
export interface MemoryRegion {
  readonly start: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** First address behind the region. */
  readonly until: bigint;
  /** False for memory that a device may only read; whoever writes through `bytes` or `view` asks first. */
  readonly writable: boolean;
}

/** Whether all `length` bytes at `address` lie in `region`. An offset past 2^53 is rounded, but stays far outside. */
function holds(region: MemoryRegion, address: bigint, length: number): boolean {
  const offset = Number(address - region.start);
  return offset >= 0 && offset + length <= region.bytes.byteLength;
}

/** Copies from `bytes` at `from` on. A request is so short that a loop is done before a view on it would be made. */
function fill(out: Uint8Array, bytes: Uint8Array, from: number): void {
  if (out.length > SHORT) out.set(bytes.subarray(from, from + out.length));
  else for (let at = 0; at < out.length; at++) out[at] = bytes[from + at]!;
}

/** Bytes that two ranges have in common; ends belong to them. */
export function overlap(start: bigint, end: bigint, otherStart: bigint, otherEnd: bigint): bigint {
  const from = start > otherStart ? start : otherStart;
  const to = end < otherEnd ? end : otherEnd;
  return to < from ? 0n : to - from + 1n;
}

/** Bytes up to which copying one by one is faster. */
const SHORT = 64;

/**
 * Guest-physical memory: a few large regions, as the carrier of the function announces them.
 * Accesses that leave the regions are refused whole; nothing is ever thrown for an address.
 */
export class GuestMemory {
  #regions: MemoryRegion[] = [];
  /** The region of the last hit; neighbours in time are mostly neighbours in space. */
  #last: MemoryRegion | undefined;
  #generation = 0;

  /** Counts the changes of the set of regions; who remembers a region has to look again when it differs. */
  get generation(): number {
    return this.#generation;
  }

  /** Adds RAM, `writable` or not. Returns false, and adds nothing, if it would overlap a region or run past 2^64. */
  addRegion(start: bigint, bytes: Uint8Array, writable = true): boolean {
    const until = start + BigInt(bytes.byteLength);
    if (bytes.byteLength === 0 || until > 1n << 64n) return false;
    if (this.#regions.some((region) => start < region.until && region.start < until)) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#regions.push({ start, bytes, view, until, writable });
    this.#generation++;
    return true;
  }

  /** Removes every region that lies wholly within `[start, start + length)`; the number removed. */
  removeRegions(start: bigint, length: bigint): number {
    const before = this.#regions.length;
    this.#regions = this.#regions.filter((region) => region.start < start || region.until > start + length);
    this.#last = undefined;
    this.#generation++;
    return before - this.#regions.length;
  }

  /** The region that holds all `length` bytes at `address`, or undefined. Length 0 needs a region at `address`. */
  find(address: bigint, length: number): MemoryRegion | undefined {
    const last = this.#last;
    if (last !== undefined && holds(last, address, length)) return last;
    const region = this.#regions.find((candidate) => holds(candidate, address, length));
    if (region !== undefined) this.#last = region;
    return region;
  }

  /** How many bytes of `start`..`end`, both inclusive, are RAM. */
  bytesWithin(start: bigint, end: bigint): bigint {
    return this.#regions.reduce((sum, region) => sum + overlap(start, end, region.start, region.until - 1n), 0n);
  }

  /** A copy of `length` bytes, or undefined if any of them is not RAM. May span adjoining regions. */
  read(address: bigint, length: number): Uint8Array | undefined {
    const out = new Uint8Array(length);
    return this.readInto(address, out) ? out : undefined;
  }

  /** Fills `out`; false, with anything in it, if any byte is not RAM. May span adjoining regions. */
  readInto(address: bigint, out: Uint8Array): boolean {
    const region = this.find(address, out.length);
    if (region !== undefined) {
      fill(out, region.bytes, Number(address - region.start));
      return true;
    }
    return this.#copy(address, out.length, (piece, from, done, count) => {
      out.set(piece.bytes.subarray(from, from + count), done);
    });
  }

  /** Stores `data`; false, with nothing stored, if any byte is not RAM that can be written. */
  write(address: bigint, data: Uint8Array): boolean {
    const region = this.find(address, data.byteLength);
    if (region !== undefined) {
      if (region.writable) region.bytes.set(data, Number(address - region.start));
      return region.writable;
    }
    let writable = true;
    const isRam = this.#copy(address, data.byteLength, (region) => {
      writable &&= region.writable;
    });
    if (!isRam || !writable) return false;
    return this.#copy(address, data.byteLength, (region, from, done, count) => {
      region.bytes.set(data.subarray(done, done + count), from);
    });
  }

  #copy(
    address: bigint,
    length: number,
    piece: (region: MemoryRegion, from: number, done: number, count: number) => void,
  ): boolean {
    let done = 0;
    while (done < length) {
      const at = address + BigInt(done);
      const region = this.find(at, 1);
      if (!region) return false;
      const count = Math.min(length - done, Number(region.until - at));
      piece(region, Number(at - region.start), done, count);
      done += count;
    }
    return true;
  }

  readU16(address: bigint): number | undefined {
    const region = this.find(address, 2);
    return region?.view.getUint16(Number(address - region.start), true);
  }

  readU32(address: bigint): number | undefined {
    const region = this.find(address, 4);
    return region?.view.getUint32(Number(address - region.start), true);
  }

  readU64(address: bigint): bigint | undefined {
    const region = this.find(address, 8);
    return region?.view.getBigUint64(Number(address - region.start), true);
  }

  writeU16(address: bigint, value: number): boolean {
    const region = this.find(address, 2);
    if (!region?.writable) return false;
    region.view.setUint16(Number(address - region.start), value, true);
    return true;
  }

  writeU32(address: bigint, value: number): boolean {
    const region = this.find(address, 4);
    if (!region?.writable) return false;
    region.view.setUint32(Number(address - region.start), value, true);
    return true;
  }
}
