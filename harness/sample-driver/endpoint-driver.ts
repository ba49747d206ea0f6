/** What the drivers of virtio endpoints have in common: one queue, and memory that is mapped while the device has it. */
import { BringUp } from './bring-up.ts';
import type { DmaSpace } from './dma-space.ts';
import { untranslated } from './dma-space.ts';
import type { DriverFaults } from './driver-faults.ts';
import { ACCESS_PLATFORM } from './features.ts';
import type { PciDevice } from './pci.ts';
import type { Pages, PhysicalMemory } from './physical-memory.ts';
import type { Platform } from './platform.ts';
import type { UsedEntry } from './ring.ts';
import { DOORBELL, enableMsix, virtioLayout } from './virtio-layout.ts';
import { VirtioRegisters } from './virtio-registers.ts';
import { Virtqueue } from './virtqueue.ts';

/** Buffers in flight are few, so a small queue does. */
const MOST_DESCRIPTORS = 16;
const MOST_WAITS = 1000;

interface LiveDevice {
  readonly bringUp: BringUp;
  readonly queue: Virtqueue;
  readonly ring: { readonly address: bigint };
  readonly doorbell: { readonly address: bigint };
  readonly space: DmaSpace;
}

/** Memory that the device has: where it is, and by which address the device knows it. */
interface Held {
  readonly pages: Pages;
  readonly address: bigint;
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

export abstract class EndpointDriver {
  readonly #pci: PciDevice;
  readonly #memory: PhysicalMemory;
  readonly #platform: Platform;
  readonly #faults: DriverFaults;
  #live: LiveDevice | undefined;
  /** Buffers that the device has not returned. */
  #lost: Held[] = [];

  constructor(pci: PciDevice, memory: PhysicalMemory, platform: Platform, faults: DriverFaults) {
    this.#pci = pci;
    this.#memory = memory;
    this.#platform = platform;
    this.#faults = faults;
  }

  get isUp(): boolean {
    return this.#live !== undefined;
  }

  /** Brings the device up. `space` leads to the addresses that it may be given, if it lets them be translated. */
  start(space: DmaSpace): string | undefined {
    this.#pci.enableMemory();
    const layout = virtioLayout(this.#pci, this.#faults);
    if (!layout) return `${this.#pci.name} has no modern virtio registers`;
    const registers = new VirtioRegisters(this.#pci, layout, this.#faults);
    const bringUp = new BringUp(registers, this.#platform, this.#faults);
    const features = bringUp.negotiate({ deviceBits: [], role: 'endpoint', refuses: () => undefined });
    if (typeof features === 'string') return `${this.#pci.name}: ${features}`;
    const own =
      features.has(ACCESS_PLATFORM) || this.#faults.has('rng-translated-without-access-platform')
        ? space
        : untranslated;
    const doorbell = own.doorbell(DOORBELL);
    if (typeof doorbell === 'string') return bringUp.giveUp(`${this.#pci.name}: ${doorbell}`);
    enableMsix(this.#pci, layout, doorbell.address);
    let ring: { readonly address: bigint } | undefined;
    const expose = (pages: Pages): bigint | undefined => {
      const mapped = this.#ringSpace(own).map(pages.physical, pages.length, 'rw');
      if (typeof mapped === 'string') this.#platform.log(`${this.#pci.name}: ${mapped}`);
      else ring = mapped;
      return ring?.address;
    };
    const { alignment } = this.#ringSpace(own);
    const plan = { queue: 0, features, mostDescriptors: MOST_DESCRIPTORS, alignment, expose };
    const queue = Virtqueue.setUp(registers, this.#memory, plan, this.#faults);
    if (typeof queue === 'string') return bringUp.giveUp(`${this.#pci.name}: ${queue}`);
    if (!ring) return bringUp.giveUp(`${this.#pci.name} has no ring`);
    this.#pci.enableBusMaster();
    bringUp.goLive();
    this.#live = { bringUp, queue, ring, doorbell, space: own };
    return undefined;
  }

  #ringSpace(space: DmaSpace): DmaSpace {
    return this.#faults.has('rng-ring-not-mapped') || this.#faults.has('rng-physical-addresses') ? untranslated : space;
  }

  #bufferSpace(space: DmaSpace): DmaSpace {
    return this.#faults.has('rng-buffer-not-mapped') || this.#faults.has('rng-physical-addresses')
      ? untranslated
      : space;
  }

  /** Does a transfer of `length` bytes, and returns them. A sentence if it came to nothing. */
  abstract transfer(length: number): Uint8Array | string;

  protected get name(): string {
    return this.#pci.name;
  }

  /** How many parts the queue has room for at a time; 0 while the device is down. */
  protected get mostParts(): number {
    return this.#live?.queue.ring.size ?? 0;
  }

  /** Maps the parts, gives them to the device as one buffer, and unmaps them when it is back. A sentence if it fails. */
  protected exchange(parts: readonly Part[]): Exchanged | string {
    const live = this.#live;
    if (!live) return `${this.name} has no driver`;
    const space = this.#bufferSpace(live.space);
    const held: Held[] = [];
    for (const part of parts) {
      const provided = this.#provide(part, space);
      if (typeof provided !== 'string') {
        held.push(provided);
        continue;
      }
      this.#takeBack(held, parts, space);
      return provided;
    }
    const entry = this.#hand(live, held, parts, space);
    if (!entry) {
      this.#lost.push(...held);
      return `${this.name} does not return the buffer`;
    }
    const contents = held.map(({ pages }, index) => this.#bytesOf(pages, parts[index]?.length ?? 0));
    const problem = this.#faults.has('rng-keeps-mapping') ? undefined : this.#takeBack(held, parts, space);
    return problem ?? { written: entry.length, contents };
  }

  #bytesOf = ({ offset }: Pages, length: number): Uint8Array => this.#memory.bytes.slice(offset, offset + length);

  #provide({ length, bytes }: Part, space: DmaSpace): Held | string {
    const pages = this.#memory.allocate(length, space.alignment);
    if (!pages) return 'no memory is left';
    if (bytes) this.#memory.bytes.set(bytes, pages.offset);
    const isRead = bytes !== undefined || this.#faults.has('rng-buffer-mapped-read-only');
    const mapped = space.map(pages.physical, length, isRead ? 'r' : 'w');
    if (typeof mapped !== 'string') return { pages, address: mapped.address };
    this.#memory.release(pages);
    return mapped;
  }

  /** A sentence if a part is still mapped; its memory is then lost. */
  #takeBack(held: readonly Held[], parts: readonly Part[], space: DmaSpace): string | undefined {
    const problems = held.map(({ pages, address }, index) => {
      const isForgotten =
        this.#faults.has('frees-without-unmap') ||
        (this.#faults.has('last-piece-stays-mapped') && index > 0 && index === held.length - 1);
      const problem = isForgotten ? undefined : space.unmap(address, parts[index]?.length ?? 0);
      if (problem === undefined) this.#memory.release(pages);
      return problem;
    });
    return problems.find((problem) => problem !== undefined);
  }

  /** Hands the buffer to the device and waits for it; undefined if it does not come back. */
  #hand(live: LiveDevice, held: readonly Held[], parts: readonly Part[], space: DmaSpace): UsedEntry | undefined {
    const { queue } = live;
    const neverWritable = this.#faults.has('rng-buffer-descriptor-readable');
    const head = queue.add(
      parts.map(({ length, bytes }, index) => ({
        bus: held[index]?.address ?? 0n,
        length,
        writable: bytes === undefined && !neverWritable,
      })),
    );
    if (head === undefined) return undefined;
    if (this.#faults.has('rng-unmaps-before-completion')) {
      for (const [index, { address }] of held.entries()) space.unmap(address, parts[index]?.length ?? 0);
    }
    queue.kick();
    for (let waits = 0; waits < MOST_WAITS; waits++) {
      const entry = this.#takeReturned(queue, head);
      if (entry) return entry;
      if (!this.#platform.wait()) return this.#takeReturned(queue, head);
    }
    return undefined;
  }

  /** The used entry of `head`; others belong to buffers that were given up, or to nobody. */
  #takeReturned(queue: Virtqueue, head: number): UsedEntry | undefined {
    for (let taken = 0; taken <= 0xffff; taken++) {
      const entry = queue.takeUsed();
      if (!entry) return undefined;
      if (!queue.ring.has(entry.id)) continue;
      queue.ring.release(entry.id);
      if (entry.id === head) return entry;
    }
    return undefined;
  }

  /** Takes the device down: first it stops, then its memory is unmapped, unless it `keepsMappings`. */
  stop(keepsMappings = false): void {
    const live = this.#live;
    this.#live = undefined;
    if (!live) return;
    if (this.#faults.has('rng-reset-after-unmap')) this.#unmapAll(live);
    // What has been pulled out has stopped.
    const stopped = this.#faults.has('rng-not-reset') || live.bringUp.reset() || !this.#pci.isPresent();
    this.#pci.disableBusMaster();
    if (!stopped) {
      this.#platform.log(`${this.#pci.name} does not reset: its memory is lost`);
      return;
    }
    if (!keepsMappings && !this.#faults.has('rng-reset-after-unmap')) this.#unmapAll(live);
  }

  #unmapAll(live: LiveDevice): void {
    for (const { pages, address } of this.#lost) {
      const problem = this.#bufferSpace(live.space).unmap(address, pages.length);
      if (problem === undefined) this.#memory.release(pages);
    }
    this.#lost = [];
    // Unless a region of interrupts leads there as it is.
    if (live.doorbell.address !== DOORBELL) live.space.unmap(live.doorbell.address, 1);
    if (this.#faults.has('rng-keeps-ring-mapping')) return;
    const { pages } = live.queue;
    const problem = this.#ringSpace(live.space).unmap(live.ring.address, pages.length);
    if (problem === undefined) this.#memory.release(pages);
  }
}
