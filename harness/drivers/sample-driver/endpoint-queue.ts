/** A queue of a virtio endpoint: memory is mapped while the device has it. */
import type { TableRoom } from './descriptor-chain.ts';
import { type DmaSpace, untranslated } from './dma-space.ts';
import type { DriverFaults } from './driver-faults.ts';
import { type Features, INDIRECT_DESC } from './features.ts';
import type { Access } from './mapping-rules.ts';
import type { Pages, PhysicalMemory } from './physical-memory.ts';
import type { Platform } from './platform.ts';
import type { UsedEntry } from './ring.ts';
import type { DeviceRegisters } from './device-registers.ts';
import { Virtqueue } from './virtqueue.ts';

/** Buffers in flight are few, so a small queue does. */
const MOST_DESCRIPTORS = 16;
const MOST_WAITS = 1000;
const DESCRIPTOR_BYTES = 16;

/** Memory that the device has: where it is, and by which address the device knows it. `length` in bytes, as mapped. */
interface Held {
  readonly pages: Pages;
  readonly address: bigint;
  readonly length: number;
  readonly access: Access;
  readonly space: DmaSpace;
}

/** One piece of a buffer. `bytes` is what the device is to read; without it the device writes. `length` in bytes. */
export interface Part {
  readonly length: number;
  readonly bytes?: Uint8Array;
}

/** What came back: the bytes that the device says it has written, and what now stands in each part. */
export interface Exchanged {
  readonly written: number;
  readonly contents: readonly Uint8Array[];
}

/** A ring that the device knows, by its memory. */
type Rings = Map<Pages, { readonly address: bigint; readonly space: DmaSpace }>;

/** A buffer that the device has, with the table that describes it, if there is one. */
interface Handed {
  readonly parts: readonly Held[];
  readonly table: Held | undefined;
}

export interface EndpointQueueParts {
  /** Of the device. */
  readonly name: string;
  readonly registers: DeviceRegisters;
  readonly features: Features;
  readonly memory: PhysicalMemory;
  readonly platform: Platform;
  /** Leads to the addresses that the device may be given. */
  readonly space: DmaSpace;
  readonly faults: DriverFaults;
}

export class EndpointQueue {
  readonly #parts: EndpointQueueParts;
  readonly #queue: Virtqueue;
  readonly #rings: Rings;
  /** What the device has, by the head of each buffer. */
  readonly #handed = new Map<number, Handed>();
  /** Buffers that stay mapped for the life of the device, those that it does not have: what it writes is copied out. */
  #bounced: Held[] = [];
  /** Whether any buffer has come back. */
  #hasReturned = false;

  private constructor(parts: EndpointQueueParts, queue: Virtqueue, rings: Rings) {
    this.#parts = parts;
    this.#queue = queue;
    this.#rings = rings;
  }

  /** Sets queue `index` up, its ring mapped. A sentence if that fails. */
  static setUp(parts: EndpointQueueParts, index: number): EndpointQueue | string {
    const { name, registers, features, memory, platform, faults } = parts;
    const rings: Rings = new Map();
    const expose = (pages: Pages): bigint | undefined => {
      const space = ringSpace(parts, index, rings.size > 0);
      const mapped = space.map(pages.physical, pages.length, 'rw');
      if (typeof mapped === 'string') {
        platform.log(`${name}: ${mapped}`);
        return undefined;
      }
      rings.set(pages, { address: mapped.address, space });
      return mapped.address;
    };
    const retire = (pages: Pages): void => {
      if (!faults.has('old-ring-stays-mapped')) unmapRing(parts, rings, pages);
    };
    const { alignment } = ringSpace(parts, index, false);
    const plan = { queue: index, features, mostDescriptors: MOST_DESCRIPTORS, alignment, expose, retire };
    const queue = Virtqueue.setUp(registers, memory, plan, faults);
    return typeof queue === 'string' ? queue : new EndpointQueue(parts, queue, rings);
  }

  /** How many parts it has room for at a time, if no tables describe them. */
  get mostParts(): number {
    return this.#queue.ring.size;
  }

  /** Maps the parts and gives them to the device as one buffer; its head. A sentence if that fails. */
  hand(parts: readonly Part[]): number | string {
    const held: Held[] = [];
    for (const part of parts) {
      const provided = this.#provide(part, this.#bufferSpace);
      if (typeof provided === 'string') {
        this.#takeBack({ parts: held, table: undefined });
        return provided;
      }
      held.push(provided);
    }
    const table = this.#tableFor(held);
    if (typeof table === 'string') {
      this.#takeBack({ parts: held, table: undefined });
      return table;
    }
    return this.#give({ parts: held, table }, parts);
  }

  #give(handed: Handed, parts: readonly Part[]): number | string {
    const { faults, name } = this.#parts;
    const { table } = handed;
    const room: TableRoom | undefined = table && { offset: table.pages.offset, bus: table.address };
    const neverWritable = faults.has('rng-buffer-descriptor-readable');
    const pieces = handed.parts.map(({ address, length }, index) => ({
      bus: address,
      length,
      writable: parts[index]?.bytes === undefined && !neverWritable,
    }));
    const head = this.#queue.add(pieces, room);
    if (head === undefined) {
      this.#takeBack(handed);
      return `${name} has no room for another buffer`;
    }
    this.#handed.set(head, handed);
    if (faults.has('rng-unmaps-before-completion')) {
      for (const { space, address, length } of handed.parts) space.unmap(address, length);
    }
    this.#queue.kick();
    return head;
  }

  /** Maps the parts, gives them to the device, and unmaps them when they are back. A sentence if it fails. */
  exchange(parts: readonly Part[]): Exchanged | string {
    const head = this.hand(parts);
    if (typeof head === 'string') return head;
    const exchanged = this.#await((entry) => entry.id === head) ?? `${this.#parts.name} does not return the buffer`;
    if (this.#parts.faults.has('idle-ring-unmapped')) unmapRing(this.#parts, this.#rings, this.#queue.pages);
    return exchanged;
  }

  /** The buffer that comes back next, unmapped; a sentence if none does. */
  next(): Exchanged | string {
    return this.#await(() => true) ?? `${this.#parts.name} returns no buffer`;
  }

  /** Waits for a buffer that `isWanted`; undefined if it does not come back. Others that come are taken back too. */
  #await(isWanted: (entry: UsedEntry) => boolean): Exchanged | string | undefined {
    const { platform } = this.#parts;
    for (let waits = 0; waits < MOST_WAITS; waits++) {
      const returned = this.#takeReturned(isWanted);
      if (returned !== undefined) return returned;
      if (!platform.wait()) return this.#takeReturned(isWanted);
    }
    return undefined;
  }

  #takeReturned(isWanted: (entry: UsedEntry) => boolean): Exchanged | string | undefined {
    // Where a line interrupts, its handler looks first at what has happened.
    this.#queue.interrupts();
    const { ring } = this.#queue;
    for (let taken = 0; taken <= 0xffff; taken++) {
      const entry = this.#queue.takeUsed();
      if (!entry) return undefined;
      const handed = this.#handed.get(entry.id);
      // It belongs to nobody.
      if (!ring.has(entry.id) || !handed) continue;
      ring.release(entry.id);
      this.#handed.delete(entry.id);
      this.#hasReturned = true;
      const { bytes } = this.#parts.memory;
      const contents = handed.parts.map(({ pages, length }) => bytes.slice(pages.offset, pages.offset + length));
      const problem = this.#parts.faults.has('rng-keeps-mapping') ? undefined : this.#takeBack(handed);
      if (isWanted(entry)) return problem ?? { written: entry.length, contents };
    }
    return undefined;
  }

  #provide({ length, bytes }: Part, space: DmaSpace): Held | string {
    const { memory, faults } = this.#parts;
    const access = bytes !== undefined || faults.has('rng-buffer-mapped-read-only') ? 'r' : 'w';
    const bounced = this.#bounced.find((held) => held.length === length && held.access === access);
    this.#bounced = this.#bounced.filter((held) => held !== bounced);
    const pages = bounced?.pages ?? memory.allocate(length, space.alignment);
    if (!pages) return 'no memory is left';
    if (bytes) memory.bytes.set(bytes, pages.offset);
    if (bounced) return bounced;
    const mapped = space.map(pages.physical, length, access);
    if (typeof mapped !== 'string') return { pages, address: mapped.address, length, access, space };
    memory.release(pages);
    return mapped;
  }

  /** Room for the table of a buffer in several parts; undefined if it does without one. */
  #tableFor(held: readonly Held[]): Held | string | undefined {
    const { features, faults } = this.#parts;
    if (held.length < 2 || !features.has(INDIRECT_DESC)) return undefined;
    const bytes = new Uint8Array(held.length * DESCRIPTOR_BYTES);
    return this.#provide(
      { length: bytes.length, bytes },
      faults.has('table-not-mapped') ? untranslated : this.#bufferSpace,
    );
  }

  get #bufferSpace(): DmaSpace {
    const { faults, space } = this.#parts;
    const isRefill = faults.has('refill-not-mapped') && this.#hasReturned;
    return faults.has('rng-buffer-not-mapped') || faults.has('rng-physical-addresses') || isRefill
      ? untranslated
      : space;
  }

  /** A sentence if anything is still mapped; that memory is then lost. */
  #takeBack({ parts, table }: Handed): string | undefined {
    const { memory, faults } = this.#parts;
    const all = [...parts, ...(table ? [table] : [])];
    if (faults.has('keeps-bounce-buffers')) {
      this.#bounced.push(...all);
      return undefined;
    }
    const problems = all.map((held, index) => {
      const isForgotten =
        faults.has('frees-without-unmap') ||
        (faults.has('last-piece-stays-mapped') && index > 0 && index === parts.length - 1);
      const problem = isForgotten ? undefined : held.space.unmap(held.address, held.length);
      if (problem === undefined) memory.release(held.pages);
      return problem;
    });
    return problems.find((problem) => problem !== undefined);
  }

  /**
   * Gives the ring another size: the queue alone is reset (2.6.1), and what the device had is taken back. A sentence if that
   * fails.
   */
  resize(size: number): string | undefined {
    const { faults, platform } = this.#parts;
    if (faults.has('ring-unmapped-before-queue-reset')) unmapRing(this.#parts, this.#rings, this.#queue.pages);
    const problem = this.#queue.restart(() => platform.wait(), size);
    if (problem === undefined) this.#takeBackAll();
    return problem;
  }

  #takeBackAll(): void {
    for (const handed of this.#handed.values()) this.#takeBack(handed);
    this.#handed.clear();
  }

  /** To be called before the device is reset. */
  stop(): void {
    this.#queue.stop();
  }

  /** Unmaps everything, the ring included. */
  dispose(): void {
    const { faults } = this.#parts;
    if (!faults.has('in-flight-stays-mapped')) this.#takeBackAll();
    for (const held of this.#bounced) {
      const problem = held.space.unmap(held.address, held.length);
      if (problem === undefined) this.#parts.memory.release(held.pages);
    }
    if (!faults.has('rng-keeps-ring-mapping')) unmapRing(this.#parts, this.#rings, this.#queue.pages);
  }
}

/** Where the ring of queue `index` is mapped, at first or when it has been given another size. */
function ringSpace({ faults, space }: EndpointQueueParts, index: number, isAgain: boolean): DmaSpace {
  const isUnmapped =
    faults.has('rng-ring-not-mapped') ||
    faults.has('rng-physical-addresses') ||
    (index > 0 && faults.has('second-ring-not-mapped')) ||
    (isAgain && faults.has('resized-ring-not-mapped'));
  return isUnmapped ? untranslated : space;
}

function unmapRing({ memory }: EndpointQueueParts, rings: Rings, pages: Pages): void {
  const ring = rings.get(pages);
  if (!ring) return;
  rings.delete(pages);
  const problem = ring.space.unmap(ring.address, pages.length);
  if (problem === undefined) memory.release(pages);
}
