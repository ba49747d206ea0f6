/** A ring on which VIRTIO_F_IN_ORDER was negotiated: buffers go back in the order of their coming (2.7.9, 2.8.8). */
import type { RingState } from '../trace-events.ts';
import type { ReturnedBuffer, Taken, Virtqueue } from './virtqueue.ts';

/** A buffer that the device has taken and whose turn has not come. */
interface Outstanding {
  readonly headIndex: number;
  readonly slotCount: number;
  /** Undefined for a broken chain, of which nobody knows how long it was meant to be. */
  readonly writableLength: number | undefined;
  /** Undefined while the device works on it. */
  usedLength: number | undefined;
}

export class InOrderVirtqueue implements Virtqueue {
  readonly #ring: Virtqueue;
  readonly #batches: boolean;
  readonly #outstanding: Outstanding[] = [];

  /** With `batches` buffers go back when the need for an interrupt is judged, several by one used entry if that is allowed. */
  constructor(ring: Virtqueue, batches: boolean) {
    this.#ring = ring;
    this.#batches = batches;
  }

  get size(): number {
    return this.#ring.size;
  }

  popAvail(): Taken | undefined {
    const taken = this.#ring.popAvail();
    // A driver that makes more available than a ring holds is a matter for the ring; here it must not cost memory.
    if (taken?.headIndex !== undefined && this.#outstanding.length < this.size) {
      this.#outstanding.push({
        headIndex: taken.headIndex,
        slotCount: taken.slotCount ?? 1,
        writableLength: taken.outcome === 'chain' ? taken.writableLength : undefined,
        usedLength: undefined,
      });
    }
    return taken;
  }

  /** reserved-features/device/in-order-use */
  addUsed(chain: ReturnedBuffer, usedLength: number): boolean {
    const buffer = this.#outstanding.find(
      (outstanding) => outstanding.headIndex === chain.headIndex && outstanding.usedLength === undefined,
    );
    if (buffer === undefined) {
      const flushed = this.#flush();
      return this.#ring.addUsed(chain, usedLength) && flushed;
    }
    buffer.usedLength = usedLength;
    return this.#batches || this.#flush();
  }

  /** Returns every buffer whose turn has come. */
  #flush(): boolean {
    const end = this.#outstanding.findIndex(({ usedLength }) => usedLength === undefined);
    const done = this.#outstanding.splice(0, end === -1 ? this.#outstanding.length : end);
    let slotCount = 0;
    let skipped: number[] = [];
    let written = true;
    for (const [at, { headIndex, ...buffer }] of done.entries()) {
      slotCount += buffer.slotCount;
      if (this.#mayBeSkipped(buffer) && at < done.length - 1) {
        skipped.push(headIndex);
        continue;
      }
      written = this.#ring.addUsed({ headIndex, slotCount, skipped }, buffer.usedLength ?? 0) && written;
      slotCount = 0;
      skipped = [];
    }
    return written;
  }

  /** Without a used entry of its own a buffer counts as used completely. */
  #mayBeSkipped({ usedLength, writableLength }: Pick<Outstanding, 'usedLength' | 'writableLength'>): boolean {
    return this.#batches && usedLength === writableLength;
  }

  needsInterrupt(): boolean {
    this.#flush();
    return this.#ring.needsInterrupt();
  }

  suppressNotifications(): void {
    this.#ring.suppressNotifications();
  }

  enableNotifications(): boolean {
    return this.#ring.enableNotifications();
  }

  notified(): void {
    this.#ring.notified();
  }

  ringState(): RingState | undefined {
    return this.#ring.ringState();
  }
}
