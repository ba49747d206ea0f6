/** MSI-X of one function: the table and the pending bits, and what they let through. */
import type { FunctionHost } from './pci-function.ts';

/** Where the table and the pending bits lie in their BAR; both are shorter than the space up to the next. */
export const MSIX_TABLE_OFFSET = 0;
export const MSIX_PBA_OFFSET = 0x800;

/** Control word of MSI-X in configuration space, above the table size. */
const MSIX_ENABLE = 0x8000;
const MSIX_FUNCTION_MASK = 0x4000;

const ENTRY_BYTES = 16;
const VECTOR_CONTROL = 12;

/**
 * Two kinds of carriers exist. One keeps the table itself (QEMU) and gives or withholds a way to interrupt;
 * then the table here is never written, and the carrier alone decides. The other lets the driver write the table here,
 * and enable and mask bits count.
 */
export class MsixInterrupts {
  readonly #host: FunctionHost;
  readonly #vectorCount: number;
  readonly #control: () => number;
  readonly #mayWrite: () => boolean;
  readonly #table: Uint8Array;
  readonly #pending = new Set<number>();
  #tableWritten = false;

  /** `control` gives the capability's Message Control word, `mayWrite` whether the function may write to memory now. */
  constructor(host: FunctionHost, vectorCount: number, control: () => number, mayWrite: () => boolean) {
    this.#host = host;
    this.#vectorCount = vectorCount;
    this.#control = control;
    this.#mayWrite = mayWrite;
    this.#table = new Uint8Array(vectorCount * ENTRY_BYTES);
    this.reset();
  }

  get enabled(): boolean {
    return (this.#control() & MSIX_ENABLE) !== 0;
  }

  /**
   * Fires `vector`; a masked one stays pending, and one that may not be written to memory is lost. True if it went out. No
   * vector outside the table ever does.
   */
  fire(vector: number): boolean {
    if (vector >= this.#vectorCount || !this.#mayWrite()) return false;
    if (!this.#tableWritten) return this.#host.interrupt(vector);
    if (!this.enabled) return false;
    if (this.#masked(vector)) {
      this.#pending.add(vector);
      return false;
    }
    return this.#host.interrupt(vector);
  }

  /** Where the message of `vector` goes; undefined where the carrier keeps the table to itself. */
  messageAddress(vector: number): bigint | undefined {
    if (!this.#tableWritten || vector >= this.#vectorCount) return undefined;
    return new DataView(this.#table.buffer).getBigUint64(vector * ENTRY_BYTES, true);
  }

  #masked(vector: number): boolean {
    if ((this.#control() & MSIX_FUNCTION_MASK) !== 0) return true;
    return (this.#table[vector * ENTRY_BYTES + VECTOR_CONTROL]! & 1) !== 0;
  }

  /** To be called when a mask or the enable bit may have changed. */
  deliverPending(): void {
    if (!this.enabled || !this.#mayWrite()) return;
    for (const vector of this.#pending) {
      if (this.#masked(vector)) continue;
      this.#pending.delete(vector);
      this.#host.interrupt(vector);
    }
  }

  readBar(offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, this.#byteAt(offset + at));
  }

  #byteAt(offset: number): number {
    if (offset < MSIX_PBA_OFFSET) return this.#table[offset - MSIX_TABLE_OFFSET] ?? 0;
    let bits = 0;
    for (const vector of this.#pending) {
      if (vector >> 3 === offset - MSIX_PBA_OFFSET) bits |= 1 << (vector & 7);
    }
    return bits;
  }

  writeBar(offset: number, data: DataView): void {
    for (let at = 0; at < data.byteLength; at++) {
      const place = offset + at - MSIX_TABLE_OFFSET;
      if (place < 0 || place >= this.#table.length) continue;
      this.#tableWritten = true;
      this.#table[place] = data.getUint8(at);
    }
    this.deliverPending();
  }

  /** All vectors masked, nothing pending, as PCI demands after a reset. */
  reset(): void {
    this.#pending.clear();
    this.#tableWritten = false;
    this.#table.fill(0);
    for (let vector = 0; vector < this.#vectorCount; vector++) this.#table[vector * ENTRY_BYTES + VECTOR_CONTROL] = 1;
  }
}
