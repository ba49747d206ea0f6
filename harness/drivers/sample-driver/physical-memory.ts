/** A run of pages: `offset` is where the CPU sees it in RAM, `physical` its guest-physical address. */
export interface Pages {
  readonly offset: number;
  readonly length: number;
  readonly physical: bigint;
}

export const PAGE_SIZE = 4096;

/** Where a kernel would see RAM: no address that a device could use. */
export const VIRTUAL_BASE = 0xffff_8880_0000_0000n;

interface Gap {
  from: number;
  until: number;
}

/** RAM, handed out in pages: first fit, so that memory that was given back is soon used again. */
export class PhysicalMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly base: bigint;
  #gaps: Gap[];
  /** Behind the last byte that was ever given out. */
  #reach = 0;

  constructor(memory: { readonly bytes: Uint8Array; readonly base: bigint }) {
    this.bytes = memory.bytes;
    this.view = new DataView(memory.bytes.buffer, memory.bytes.byteOffset, memory.bytes.byteLength);
    this.base = memory.base;
    this.#gaps = [{ from: 0, until: memory.bytes.byteLength }];
  }

  /**
   * Zeroed pages for `length` bytes, at a physical address that is a multiple of `alignment`; undefined if none are left.
   * Nobody else gets memory up to the next such address: who is let into a granule reaches all of it.
   */
  allocate(length: number, alignment: number = PAGE_SIZE): Pages | undefined {
    const step = Math.max(alignment, PAGE_SIZE);
    const size = Math.ceil(Math.max(length, 1) / step) * step;
    const skew = Number(this.base % BigInt(step));
    for (const [index, gap] of this.#gaps.entries()) {
      const from = Math.ceil((gap.from + skew) / step) * step - skew;
      if (from + size > gap.until) continue;
      const rest = [
        { from: gap.from, until: from },
        { from: from + size, until: gap.until },
      ].filter((piece) => piece.from < piece.until);
      this.#gaps.splice(index, 1, ...rest);
      this.bytes.fill(0, from, from + size);
      this.#reach = Math.max(this.#reach, from + size);
      return { offset: from, length: size, physical: this.base + BigInt(from) };
    }
    return undefined;
  }

  /** Takes pages back. */
  release(pages: Pages): void {
    const freed: Gap = { from: pages.offset, until: pages.offset + pages.length };
    const at = this.#gaps.findIndex((gap) => gap.from >= freed.until);
    const index = at === -1 ? this.#gaps.length : at;
    const before = this.#gaps[index - 1];
    const after = this.#gaps[index];
    if (after?.from === freed.until) {
      freed.until = after.until;
      this.#gaps.splice(index, 1);
    }
    if (before?.until === freed.from) before.until = freed.until;
    else this.#gaps.splice(index, 0, freed);
  }

  /** Takes everything back, and leaves nothing in it. */
  releaseAll(): void {
    this.bytes.fill(0, 0, this.#reach);
    this.#reach = 0;
    this.#gaps = [{ from: 0, until: this.bytes.byteLength }];
  }
}
