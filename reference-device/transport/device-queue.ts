/** One queue of a device: the registers that set it up, and the ring that they make. */
import type { RingState, UnannouncedMoment } from '../trace-events.ts';
import type { Trace } from '../trace.ts';
import type { QueueMemory } from '../virtqueue/queue-memory.ts';
import {
  type QueueParts,
  type RingOptions,
  contentsAtStart,
  makeRing,
  partsOf,
  startPosition,
} from '../virtqueue/ring-format.ts';
import type { Chain, ReturnedBuffer, Virtqueue } from '../virtqueue/virtqueue.ts';
import { VIRTIO_MSI_NO_VECTOR } from '../wire/virtio.ts';
import { costOf, POLL_BUDGET } from './poll-budget.ts';
import { counted } from '../counted.ts';

/** Bytes of a chain that an IOMMU reads at most; no request is anywhere near. */
const READ_LIMIT = 4096;

/** Longer than any request; what is longer still gets memory of its own. */
const SCRATCH_BYTES = 256;

/** Entries of the largest queue, split or packed (2.7, 2.8). */
const LARGEST_QUEUE = 32_768;

const isQueueSize = (size: number): boolean => Number.isInteger(size) && size >= 0 && size <= LARGEST_QUEUE;

/** The device that a queue belongs to. */
export interface QueueOwner {
  /** The ring can be used no more. */
  unusable(says: string): void;
  /** Whether the device may read and write memory; while it may not, nothing is taken from the ring or put there. */
  reachesMemory(): boolean;
}

export class DeviceQueue {
  readonly index: number;
  readonly #device: string;
  readonly #most: number;
  #isPacked = false;
  readonly #trace: Trace;
  readonly #owner: QueueOwner;
  #ring: Virtqueue | undefined;
  #memory: QueueMemory | undefined;
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  #enabled = false;
  #parts: QueueParts = [];
  /** Reads of its register that a queue reset still takes; undefined if none is going on. */
  #resetReads: number | undefined;
  #budget = 0;
  /** How far the driver was when it last notified, or when the device last polled the queue; see `RingState`. */
  #knownPosition = 0;
  #takenCount = 0;
  size: number;
  desc = 0n;
  driver = 0n;
  device = 0n;
  vector: number = VIRTIO_MSI_NO_VECTOR;

  /**
   * `most` entries if its ring is packed, and the next lower power of two if it is split. Throws for a size that no queue can
   * have.
   */
  constructor(device: string, index: number, most: number, trace: Trace, owner: QueueOwner) {
    if (!isQueueSize(most)) throw new RangeError(`a queue of ${counted(most, 'entry', 'entries')}`);
    this.index = index;
    this.#most = most;
    this.size = this.maxSize;
    this.#device = device;
    this.#trace = trace;
    this.#owner = owner;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Entries of the largest ring that the driver may make; 0 if there is no such queue. */
  get maxSize(): number {
    // pci/device/common-cfg/queue-size-power-of-2
    return this.#isPacked || this.#most === 0 ? this.#most : 2 ** Math.floor(Math.log2(this.#most));
  }

  /** The driver has settled on a format. A size that it wrote before stands. */
  formatIs(isPacked: boolean): void {
    const isUntouched = this.size === this.maxSize;
    this.#isPacked = isPacked;
    if (isUntouched) this.size = this.maxSize;
  }

  /** The stretches of memory that the ring lies in; empty unless the queue is enabled. */
  get parts(): QueueParts {
    return this.#parts;
  }

  /** Buffers taken so far, broken ones included. */
  get takenCount(): number {
    return this.#takenCount;
  }

  /** Whether the last poll ended because it had done enough. */
  get budgetExhausted(): boolean {
    return this.#ring !== undefined && this.#budget <= 0;
  }

  /** Takes whatever size the driver wrote, so that the trace shows it; a queue that is not there keeps its 0. */
  setSize(size: number): void {
    if (this.maxSize !== 0) this.size = size;
  }

  /**
   * Makes the ring from what the registers say. A queue that is not there, or is enabled, stays as it is.
   * A size past `maxSize` or not a power of two does as well as it can; one that no ring can have makes none.
   */
  enable(memory: QueueMemory, options: RingOptions): boolean {
    if (this.maxSize === 0 || this.#enabled) return false;
    // core/device/vq-reenable/observe-new-config
    const { size, desc, driver, device, vector, maxSize } = this;
    const place = { size, desc, driver, device };
    this.#enabled = true;
    this.#parts = partsOf(place, options);
    const usable = size > 0 && size <= LARGEST_QUEUE;
    // What the driver left there, before a ring writes to it.
    const contents = usable ? contentsAtStart(memory, place, options) : {};
    if (usable) this.#ring = makeRing(memory, place, options);
    this.#memory = memory;
    this.#budget = POLL_BUDGET;
    this.#knownPosition = startPosition(options);
    this.#trace.add({
      kind: 'queue-enabled',
      device: this.#device,
      queue: this.index,
      size,
      maxSize,
      desc,
      driver,
      device_area: device,
      vector,
      ...contents,
    });
    if (!usable) this.#owner.unusable(`queue ${this.index} cannot have ${counted(size, 'entry', 'entries')}`);
    return true;
  }

  /** A reset of this queue begins, which ends after `readCount` steps: until then it does nothing any more. */
  beginReset(readCount: number): void {
    // core/device/vq-reset/no-execution-after-queue-reset
    this.#ring = undefined;
    this.#resetReads = readCount;
  }

  /** One step of a queue reset, if one is going on. */
  stepReset(): 'none' | 'going-on' | 'over' {
    if (this.#resetReads === undefined) return 'none';
    this.#resetReads--;
    return this.#resetReads < 0 ? 'over' : 'going-on';
  }

  /**
   * core/device/vq-reset/default-state. All that registers show follows: pci/device/common-cfg/queue-enable-0-on-reset,
   * pci/device/common-cfg/queue-reset-0-on-reset, pci/device/common-cfg/queue-reset-0-after-enable,
   * pci/device/msix/unmapped-on-reset.
   */
  reset(): void {
    this.#enabled = false;
    this.#ring = undefined;
    this.#memory = undefined;
    this.#parts = [];
    this.#resetReads = undefined;
    this.size = this.maxSize;
    this.desc = 0n;
    this.driver = 0n;
    this.device = 0n;
    this.vector = VIRTIO_MSI_NO_VECTOR;
  }

  /** A notification has come. How it finds the ring; see `ringState`. */
  notified(): RingState | undefined {
    this.#ring?.notified();
    return this.#noted();
  }

  /** See `Virtqueue.ringState`; undefined too for a queue that is not enabled. */
  ringState(): RingState | undefined {
    return this.#ring?.ringState();
  }

  /** The ring's state; what lies there is known from now on. */
  #noted(): RingState | undefined {
    const ring = this.ringState();
    if (ring !== undefined) this.#knownPosition = ring.position;
    return ring;
  }

  /** Whether buffers lie there that nobody has announced and no poll has found. */
  get hasUnannounced(): boolean {
    const { position = this.#knownPosition } = this.ringState() ?? {};
    return position !== this.#knownPosition;
  }

  /** Traces such buffers; see the event. */
  traceUnannounced(because: UnannouncedMoment, deviceStatus: number): void {
    const ring = this.hasUnannounced ? this.#noted() : undefined;
    if (ring === undefined) return;
    const where = { device: this.#device, queue: this.index };
    this.#trace.add({ kind: 'unannounced-buffers', ...where, because, deviceStatus, ring });
  }

  /** A new poll begins: see `POLL_BUDGET`. */
  beginPoll(): void {
    this.#budget = POLL_BUDGET;
  }

  /** The next well-formed chain. Broken ones are traced and given back unwritten where that can be done. */
  popAvail(): Chain | undefined {
    while (this.#ring !== undefined && this.#budget > 0 && this.#owner.reachesMemory()) {
      const taken = this.#ring.popAvail();
      if (taken === undefined) return undefined;
      this.#budget -= costOf(taken);
      this.#takenCount++;
      if (taken.outcome === 'chain') {
        this.#traceChain(taken);
        return taken;
      }
      const { reason, says, descriptors, headIndex, slotCount = 1 } = taken;
      this.#trace.add({ kind: 'ring-break', device: this.#device, queue: this.index, reason, says, descriptors });
      if (taken.goesOn === true) continue;
      if (headIndex === undefined) this.#owner.unusable(`queue ${this.index}: ${says}`);
      else this.addUsed({ headIndex, slotCount }, 0);
    }
    return undefined;
  }

  #traceChain(chain: Chain): void {
    const { headIndex, availIdx, availFlags, descriptors, readableLength, writableLength } = chain;
    this.#trace.addLazily(() => ({
      kind: 'chain',
      device: this.#device,
      queue: this.index,
      headIndex,
      availIdx,
      availFlags,
      descriptors,
      readableLength,
      writableLength,
    }));
  }

  /**
   * The chain's device-readable part, at most `limit` bytes of it; undefined if memory refuses any piece.
   * Each byte is read once, so that a driver cannot change it under way. Valid until the next call.
   * `split/device/framing/no-framing-assumptions`; `split/device/desc/no-read-of-writable`,
   * `packed/device/desc/no-read-of-writable`: it ends with the readable part.
   */
  read(chain: Chain, limit = READ_LIMIT): Uint8Array | undefined {
    const length = Math.min(chain.readableLength, limit);
    const whole = length <= SCRATCH_BYTES ? this.#scratch.subarray(0, length) : new Uint8Array(length);
    let done = 0;
    for (let at = 0; at < chain.readableCount && done < length; at++) {
      const { addr, len } = chain.buffers[at]!;
      const piece = len >= length ? whole : whole.subarray(done, Math.min(done + len, length));
      if (this.#memory?.readInto(addr, piece) !== true) return undefined;
      done += piece.length;
    }
    return whole;
  }

  /**
   * Puts `data` into the device-writable part, from its first byte; what does not fit is left out. The bytes written.
   * `split/device/desc/no-write-to-readable`, `packed/device/desc/no-write-to-readable`: it begins behind the readable part.
   */
  write(chain: Chain, data: Uint8Array): number {
    if (!this.#owner.reachesMemory()) return 0;
    const only = chain.buffers[chain.readableCount];
    if (only !== undefined && only.len >= data.length)
      return this.#memory?.write(only.addr, data) === true ? data.length : 0;
    let done = 0;
    for (let at = chain.readableCount; at < chain.buffers.length && done < data.length; at++) {
      const { addr, len } = chain.buffers[at]!;
      const piece = data.subarray(done, done + len);
      if (this.#memory?.write(addr, piece) !== true) return done;
      done += piece.length;
    }
    return done;
  }

  /** The first `limit` bytes of the device-writable part as they stand, for the trace only: `split/device/desc/may-read-for-debug`. */
  peekWritable(chain: Chain, limit: number): Uint8Array {
    const whole = new Uint8Array(Math.min(chain.writableLength, limit));
    let done = 0;
    for (let at = chain.readableCount; at < chain.buffers.length && done < whole.length; at++) {
      const { addr, len } = chain.buffers[at]!;
      const piece = this.#memory?.peek(addr, Math.min(len, whole.length - done));
      if (piece === undefined) break;
      whole.set(piece, done);
      done += piece.length;
    }
    return whole.subarray(0, done);
  }

  /** Puts the chain on the used ring. `usedLength` in bytes. */
  addUsed(chain: ReturnedBuffer, usedLength: number): void {
    if (this.#owner.reachesMemory()) this.#ring?.addUsed(chain, usedLength);
  }

  needsInterrupt(): boolean {
    return this.#ring?.needsInterrupt() ?? false;
  }

  suppressNotifications(): void {
    this.#ring?.suppressNotifications();
    this.#traceSuppression();
  }

  /** See `Virtqueue.enableNotifications`. Ends a poll. */
  enableNotifications(): boolean {
    const hasMore = this.#ring?.enableNotifications() ?? false;
    this.#traceSuppression();
    return hasMore;
  }

  #traceSuppression(): void {
    const ring = this.#noted();
    if (ring === undefined) return;
    this.#trace.add({ kind: 'notification-suppression', device: this.#device, queue: this.index, ring });
  }
}
