/** How a virtqueue reaches memory: straight (the IOMMU's own queues) or by an endpoint's DMA. */
import type { GuestMemory, MemoryRegion } from '../memory/guest-memory.ts';

/**
 * A fixed stretch of ring memory. Offsets are bytes from its start and have to lie inside.
 * An access that memory (or an IOMMU) refuses yields `undefined` or `false`; nothing is thrown.
 */
export interface RingArea {
  /** Where `load` put what it loaded. Valid until the next access. */
  readonly view: DataView;
  /** One read of `length` bytes (at most 16); the offset in `view` at which they stand. */
  load(offset: number, length: number): number | undefined;
  readU16(offset: number): number | undefined;
  /** Like `readU16`, but only the harness looks: no access of the device, no trace, no fault. */
  peekU16(offset: number): number | undefined;
  writeU16(offset: number, value: number): boolean;
  /** One write of two 32-bit words. */
  writeU32Pair(offset: number, first: number, second: number): boolean;
}

/** Memory as one device's queues see it. Addresses are what the driver wrote into rings and registers. */
export interface QueueMemory {
  /** Need not be reachable; its accesses tell. `length` in bytes. */
  area(address: bigint, length: number): RingArea;
  /** Fills `out`; false, with anything in it, if memory refuses any byte. */
  readInto(address: bigint, out: Uint8Array): boolean;
  write(address: bigint, data: Uint8Array): boolean;
  /** A copy of `length` bytes, for which only the harness looks. */
  peek(address: bigint, length: number): Uint8Array | undefined;
  /** False if a buffer there is hopeless from the outset. No access is made. */
  holds(address: bigint, length: number): boolean;
}

/** Whether guest memory has all `length` bytes at `address`; `length` may be anything. */
export function memoryHolds(memory: GuestMemory, address: bigint, length: number): boolean {
  const until = address + BigInt(length);
  let at = address;
  do {
    const region = memory.find(at, 1);
    if (region === undefined) return false;
    at = region.until;
  } while (at < until);
  return true;
}

const NOWHERE = new DataView(new ArrayBuffer(0));

/** Ring memory inside one RAM region; found anew only when guest memory has changed. */
class PhysicalArea implements RingArea {
  readonly #memory: GuestMemory;
  readonly #address: bigint;
  readonly #length: number;
  #foundAt = -1;
  #base = 0;
  #reachable = false;
  view: DataView = NOWHERE;

  constructor(memory: GuestMemory, address: bigint, length: number) {
    this.#memory = memory;
    this.#address = address;
    this.#length = length;
  }

  #find(): boolean {
    if (this.#foundAt === this.#memory.generation) return this.#reachable;
    this.#foundAt = this.#memory.generation;
    const region: MemoryRegion | undefined = this.#memory.find(this.#address, this.#length);
    this.#reachable = region !== undefined;
    this.view = region?.view ?? NOWHERE;
    this.#base = region === undefined ? 0 : Number(this.#address - region.start);
    return this.#reachable;
  }

  load(offset: number, length: number): number | undefined {
    return offset + length <= this.#length && this.#find() ? this.#base + offset : undefined;
  }

  readU16(offset: number): number | undefined {
    return this.#find() ? this.view.getUint16(this.#base + offset, true) : undefined;
  }

  peekU16(offset: number): number | undefined {
    return this.readU16(offset);
  }

  writeU16(offset: number, value: number): boolean {
    if (!this.#find()) return false;
    this.view.setUint16(this.#base + offset, value, true);
    return true;
  }

  writeU32Pair(offset: number, first: number, second: number): boolean {
    if (!this.#find()) return false;
    this.view.setUint32(this.#base + offset, first, true);
    this.view.setUint32(this.#base + offset + 4, second, true);
    return true;
  }
}

/** Guest-physical addresses, untranslated. */
export class PhysicalQueueMemory implements QueueMemory {
  readonly #memory: GuestMemory;

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  area(address: bigint, length: number): RingArea {
    return new PhysicalArea(this.#memory, address, length);
  }

  readInto(address: bigint, out: Uint8Array): boolean {
    return this.#memory.readInto(address, out);
  }

  write(address: bigint, data: Uint8Array): boolean {
    return this.#memory.write(address, data);
  }

  peek(address: bigint, length: number): Uint8Array | undefined {
    return this.#memory.read(address, length);
  }

  holds(address: bigint, length: number): boolean {
    return memoryHolds(this.#memory, address, length);
  }
}
