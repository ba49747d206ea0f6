/** The driver of a virtio random number device: one queue of buffers that the device fills (5.4). */
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
const MOST_RNG_DESCRIPTORS = 16;
const MOST_WAITS = 1000;

interface LiveRng {
  readonly bringUp: BringUp;
  readonly queue: Virtqueue;
  readonly ring: { readonly address: bigint };
  readonly doorbell: { readonly address: bigint };
  readonly space: DmaSpace;
}

interface LostBuffer {
  readonly pages: Pages;
  readonly address: bigint;
}

export class RngDriver {
  readonly #pci: PciDevice;
  readonly #memory: PhysicalMemory;
  readonly #platform: Platform;
  readonly #faults: DriverFaults;
  #live: LiveRng | undefined;
  /** Buffers that the device has not returned. */
  #lost: LostBuffer[] = [];

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
    const plan = { queue: 0, features, mostDescriptors: MOST_RNG_DESCRIPTORS, alignment, expose };
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

  /** Gets up to `length` random bytes. A sentence if none came. */
  transfer(length: number): Uint8Array | string {
    const live = this.#live;
    if (!live) return `${this.#pci.name} has no driver`;
    const space = this.#bufferSpace(live.space);
    const pages = this.#memory.allocate(length, space.alignment);
    if (!pages) return 'no memory is left';
    const mapped = space.map(pages.physical, length, this.#faults.has('rng-buffer-mapped-read-only') ? 'r' : 'w');
    if (typeof mapped === 'string') {
      this.#memory.release(pages);
      return mapped;
    }
    const entry = this.#exchange(live, mapped.address, length, space);
    if (!entry) {
      this.#lost.push({ pages, address: mapped.address });
      return `${this.#pci.name} does not return the buffer`;
    }
    if (this.#faults.has('rng-keeps-mapping')) return this.#memory.bytes.slice(pages.offset, pages.offset + length);
    const problem = this.#faults.has('frees-without-unmap') ? undefined : space.unmap(mapped.address, length);
    if (problem !== undefined) return problem;
    const bytes = this.#memory.bytes.slice(pages.offset, pages.offset + Math.min(entry.length, length));
    this.#memory.release(pages);
    return bytes.byteLength > 0 ? bytes : `${this.#pci.name} gave nothing`;
  }

  /** Hands one buffer to the device and waits for it; undefined if it does not come back. */
  #exchange(live: LiveRng, address: bigint, length: number, space: DmaSpace): UsedEntry | undefined {
    const { queue } = live;
    const piece = { bus: address, length, writable: !this.#faults.has('rng-buffer-descriptor-readable') };
    const head = queue.add([piece]);
    if (head === undefined) return undefined;
    if (this.#faults.has('rng-unmaps-before-completion')) space.unmap(address, length);
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

  #unmapAll(live: LiveRng): void {
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
