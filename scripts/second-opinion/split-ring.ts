/** The driver's side of one split virtqueue, written by hand; one chain is under way at a time. */
import type { Bus } from './bus.ts';

/** Entries of each queue; both devices offer more. */
export const RING_SIZE = 64;

const DESCRIPTOR_BYTES = 16;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

/** Where the three areas lie, from the queue's own page on. */
const AVAIL_OFFSET = 0x1000;
const USED_OFFSET = 0x2000;
/** Bytes to keep free for one queue. */
export const RING_BYTES = 0x4000;
const INDIRECT_OFFSET = 0x3000;
const RING_OFFSET = 4;

/** One descriptor: a piece of memory that the device may read, or write. */
export interface Piece {
  readonly address: number;
  readonly length: number;
  readonly writable: boolean;
}

/** An entry of the used ring. */
export interface UsedEntry {
  readonly id: number;
  readonly length: number;
}

export class SplitRing {
  readonly #bus: Bus;
  readonly #base: number;
  #availIndex = 0;
  #usedIndex = 0;

  constructor(bus: Bus, base: number) {
    this.#bus = bus;
    this.#base = base;
  }

  get areas(): { readonly desc: number; readonly driver: number; readonly device: number } {
    return { desc: this.#base, driver: this.#base + AVAIL_OFFSET, device: this.#base + USED_OFFSET };
  }

  /** Empties the ring, as before a device gets to see it. */
  async clear(): Promise<void> {
    this.#availIndex = 0;
    this.#usedIndex = 0;
    await this.#bus.writeMemory(this.#base, new Uint8Array(RING_BYTES));
  }

  /** Makes a chain available whose first descriptor is `head`; `indirect` puts its pieces into a table of their own. */
  async offer(head: number, pieces: readonly Piece[], indirect = false): Promise<void> {
    if (indirect) {
      const table = this.#base + INDIRECT_OFFSET;
      await this.#bus.writeMemory(table, descriptors(pieces, 0));
      const length = pieces.length * DESCRIPTOR_BYTES;
      await this.#describe(head, descriptor({ address: table, length, writable: false }, INDIRECT, 0));
    } else {
      await this.#describe(head, descriptors(pieces, head));
    }
    const { driver } = this.areas;
    await this.#bus.writeMemory(driver + RING_OFFSET + 2 * (this.#availIndex % RING_SIZE), le16(head));
    this.#availIndex = (this.#availIndex + 1) & 0xffff;
    await this.#bus.writeMemory(driver + 2, le16(this.#availIndex));
  }

  #describe(head: number, bytes: Uint8Array): Promise<void> {
    return this.#bus.writeMemory(this.#base + head * DESCRIPTOR_BYTES, bytes);
  }

  /** What the device has returned since the last call, in its order. */
  async takeUsed(): Promise<UsedEntry[]> {
    const { device } = this.areas;
    const used = view(await this.#bus.readMemory(device, RING_OFFSET + 8 * RING_SIZE));
    const until = used.getUint16(2, true);
    const entries: UsedEntry[] = [];
    // A device can have returned at most what it was given.
    for (let count = 0; this.#usedIndex !== until && count < RING_SIZE; count++) {
      const at = RING_OFFSET + 8 * (this.#usedIndex % RING_SIZE);
      entries.push({ id: used.getUint32(at, true), length: used.getUint32(at + 4, true) });
      this.#usedIndex = (this.#usedIndex + 1) & 0xffff;
    }
    return entries;
  }
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const le16 = (value: number): Uint8Array => Uint8Array.of(value & 0xff, value >> 8);

function descriptor({ address, length, writable }: Piece, flags: number, next: number): Uint8Array {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES);
  const at = view(bytes);
  at.setBigUint64(0, BigInt(address), true);
  at.setUint32(8, length, true);
  at.setUint16(12, flags | (writable ? WRITE : 0), true);
  at.setUint16(14, next, true);
  return bytes;
}

/** The pieces as a chain; `first` is the index of the first descriptor in its table. */
function descriptors(pieces: readonly Piece[], first: number): Uint8Array {
  const bytes = new Uint8Array(pieces.length * DESCRIPTOR_BYTES);
  for (const [at, piece] of pieces.entries()) {
    const isLast = at === pieces.length - 1;
    bytes.set(descriptor(piece, isLast ? 0 : NEXT, isLast ? 0 : first + at + 1), at * DESCRIPTOR_BYTES);
  }
  return bytes;
}
