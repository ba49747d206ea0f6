/** Buffers by the names that commands give them. */
import type { DmaSpace } from './dma-space.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { Endpoint } from './endpoint.ts';
import type { Pages, PhysicalMemory } from './physical-memory.ts';

export interface Buffer {
  readonly pages: Pages;
  /** Bytes that were asked for. */
  readonly length: number;
  /** How the DMA API has mapped it; undefined for a buffer of `map`. */
  readonly dma: { readonly endpoint: Endpoint; readonly space: DmaSpace; readonly address: bigint } | undefined;
  /** What it held when it was mapped. */
  readonly copy: Uint8Array;
}

/** Where the second of two buffers lies that share a page. */
const SHARED_OFFSET = 2048;

export class Buffers {
  readonly #memory: PhysicalMemory;
  readonly #faults: DriverFaults;
  readonly #byName = new Map<string, Buffer>();
  #shared: Pages | undefined;

  constructor(memory: PhysicalMemory, faults: DriverFaults) {
    this.#memory = memory;
    this.#faults = faults;
  }

  get(name: string): Buffer | undefined {
    return this.#byName.get(name);
  }

  /** Memory for a buffer. */
  pagesFor(length: number, alignment: number): Pages | undefined {
    if (!this.#faults.has('buffer-shares-page') || length > SHARED_OFFSET)
      return this.#memory.allocate(length, alignment);
    if (!this.#shared) {
      this.#shared = this.#memory.allocate(length, alignment);
      return this.#shared;
    }
    return {
      ...this.#shared,
      offset: this.#shared.offset + SHARED_OFFSET,
      length: this.#shared.length - SHARED_OFFSET,
    };
  }

  add(name: string, pages: Pages, length: number, dma: Buffer['dma']): Buffer {
    const copy = this.#memory.bytes.slice(pages.offset, pages.offset + length);
    const buffer = { pages, length, dma, copy };
    this.#byName.set(name, buffer);
    return buffer;
  }

  /** Forgets a buffer; its memory may be used again. */
  remove(name: string): void {
    const buffer = this.#byName.get(name);
    this.#byName.delete(name);
    if (buffer && !this.#shared) this.#memory.release(buffer.pages);
  }

  /** Buffers that the DMA API has mapped for `endpoint`, with their names. */
  mappedFor(endpoint: Endpoint): [string, Buffer][] {
    return [...this.#byName].filter(([, { dma }]) => dma?.endpoint === endpoint);
  }

  /** The bytes from `offset` on, or undefined if they are not all in the buffer. */
  bytes(name: string, offset: number, length: number): Uint8Array | undefined {
    const buffer = this.#byName.get(name);
    if (!buffer || offset + length > buffer.pages.length) return undefined;
    if (this.#faults.has('peek-cached')) return buffer.copy.subarray(offset, offset + length);
    return this.#memory.bytes.subarray(buffer.pages.offset + offset, buffer.pages.offset + offset + length);
  }

  clear(): void {
    this.#byName.clear();
    this.#shared = undefined;
  }
}
