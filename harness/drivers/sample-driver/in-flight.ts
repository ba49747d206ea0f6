/** The buffers that the device has, oldest first: what a used entry stands for. */
import type { DriverFaults } from './driver-faults.ts';
import type { UsedEntry } from './ring.ts';

interface Buffer {
  readonly id: number;
  /** Entries of the ring by which the used position moves on. */
  readonly slotCount: number;
  /** Bytes that the device may write. */
  readonly writableLength: number;
}

/** The buffers that came back by one used entry. */
interface Returned {
  readonly entries: readonly UsedEntry[];
  readonly slotCount: number;
}

export class InFlight {
  readonly #inOrder: boolean;
  readonly #buffers: Buffer[] = [];

  constructor(inOrder: boolean, faults: DriverFaults) {
    this.#inOrder = inOrder && !faults.has('in-order-batch-ignored');
  }

  add(buffer: Buffer): void {
    this.#buffers.push(buffer);
  }

  get count(): number {
    return this.#buffers.length;
  }

  /** Entries of the ring that all buffers together take. */
  get slotCount(): number {
    return this.#buffers.reduce((sum, { slotCount }) => sum + slotCount, 0);
  }

  /**
   * With IN_ORDER a used entry stands for all buffers up to the one that it names; those before it count as written
   * completely (2.7.9, 2.8.8). An entry that names no buffer stands for itself.
   */
  settle(id: number, length: number): Returned {
    const at = this.#buffers.findIndex((buffer) => buffer.id === id);
    if (at === -1) return { entries: [{ id, length }], slotCount: 1 };
    const from = this.#inOrder ? 0 : at;
    const returned = this.#buffers.splice(from, at - from + 1);
    return {
      entries: returned.map((buffer) => ({ id: buffer.id, length: buffer.id === id ? length : buffer.writableLength })),
      slotCount: returned.reduce((sum, { slotCount }) => sum + slotCount, 0),
    };
  }
}
