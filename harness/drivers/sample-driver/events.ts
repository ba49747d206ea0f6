/** eventq: buffers for fault records, and what the records say (5.13.6.9). */
import type { DriverFaults } from './driver-faults.ts';
import type { Piece } from './descriptor-chain.ts';
import { PAGE_SIZE, type Pages, type PhysicalMemory } from './physical-memory.ts';
import type { Virtqueue } from './virtqueue.ts';

/** A fault as it is reported to whoever wants to know. */
export interface ReportedFault {
  readonly reason: 'unknown' | 'domain' | 'mapping';
  readonly endpoint: number;
  /** Undefined if the record has none. */
  readonly address: bigint | undefined;
}

const RECORD_LENGTH = 24;
/** Distance between buffers. */
const STRIDE = 32;
const MOST_BUFFERS = 64;
/** Into which some cut a buffer. */
const PIECES = 3;
const FLAG_ADDRESS = 0x100;
const FLAG_READ = 1;
const DEFINED_FLAGS = 0x103;
const REASONS = ['unknown', 'domain', 'mapping'] as const;

export class EventQueue {
  readonly #queue: Virtqueue;
  readonly #memory: PhysicalMemory;
  readonly #faults: DriverFaults;
  readonly #pages: Pages | undefined;
  /** Number of the buffer behind the head of each chain. */
  readonly #buffers = new Map<number, number>();
  /** Buffers that are put back when the queue is looked at again. */
  #late: number[] = [];

  constructor(queue: Virtqueue, memory: PhysicalMemory, faults: DriverFaults) {
    this.#queue = queue;
    this.#memory = memory;
    this.#faults = faults;
    this.#pages = memory.allocate(MOST_BUFFERS * this.#stride);
  }

  /** Puts as many buffers on the queue as it is to hold; the device is not told yet. */
  fill(): void {
    for (let buffer = 0; buffer < this.bufferCount; buffer++) this.#provide(buffer);
  }

  get #stride(): number {
    return this.#faults.has('event-buffers-of-a-page') ? PAGE_SIZE : STRIDE;
  }

  /** Buffers that the driver keeps on the queue. */
  get bufferCount(): number {
    if (this.#faults.has('event-buffers-missing')) return 0;
    if (this.#faults.has('one-event-buffer')) return 1;
    return Math.min(this.#queue.ring.size, MOST_BUFFERS);
  }

  /** Resets the queue alone and puts as many buffers on it again as it holds. A sentence if that failed. */
  restart(wait: () => boolean): string | undefined {
    const problem = this.#queue.restart(wait);
    if (problem !== undefined) return problem;
    this.#buffers.clear();
    this.#late = [];
    this.fill();
    this.kick();
    return undefined;
  }

  #provide(buffer: number): void {
    if (!this.#pages) return;
    const bus = this.#pages.physical + BigInt(buffer * this.#stride);
    const length = this.#faults.has('event-buffers-16-bytes') ? 16 : RECORD_LENGTH;
    const piece = { bus, length, writable: !this.#faults.has('event-buffers-readable') };
    const head = this.#queue.add(this.#shaped(piece));
    if (head !== undefined) this.#buffers.set(head, buffer);
  }

  #shaped(piece: Piece): readonly Piece[] {
    if (this.#faults.has('event-buffers-of-a-page')) return [{ ...piece, length: PAGE_SIZE }];
    if (!this.#faults.has('event-buffers-in-pieces') || this.#queue.ring.size < PIECES) return [piece];
    const length = RECORD_LENGTH / PIECES;
    return Array.from({ length: PIECES }, (_, at) => ({ ...piece, bus: piece.bus + BigInt(at * length), length }));
  }

  /** Tells the device of the buffers. */
  kick(): void {
    if (!this.#faults.has('event-buffers-not-kicked')) this.#queue.kick();
  }

  /** Takes what has come, puts the buffers back, and gives the faults that are worth a report. */
  collect(): ReportedFault[] {
    const faults: ReportedFault[] = [];
    if (this.#faults.has('faults-unread') || !this.#pages) return faults;
    let recycled = this.#late.length > 0;
    for (const buffer of this.#late.splice(0)) this.#provide(buffer);
    for (let taken = 0; taken <= 0xffff; taken++) {
      const entry = this.#queue.takeUsed();
      if (!entry) break;
      const buffer = this.#buffers.get(entry.id);
      if (buffer === undefined) continue;
      this.#buffers.delete(entry.id);
      this.#queue.ring.release(entry.id);
      if (this.#faults.has('event-early')) {
        this.#provide(buffer);
        this.kick();
      }
      const fault = this.#faultIn(this.#pages.offset + buffer * this.#stride, entry.length);
      if (fault) faults.push(fault);
      if (this.#faults.has('event-buffers-not-recycled') || this.#faults.has('event-early')) continue;
      if (this.#faults.has('event-buffers-returned-late')) {
        this.#late.push(buffer);
        continue;
      }
      this.#provide(buffer);
      recycled = true;
    }
    if (recycled && !this.#faults.has('event-buffer-returned-without-notification')) this.kick();
    return this.#faults.has('newest-fault-only') ? faults.slice(-1) : faults;
  }

  /** What a record of `length` bytes says; undefined if it is to be ignored. */
  #faultIn(at: number, length: number): ReportedFault | undefined {
    if (length < RECORD_LENGTH && !(length === 0 && this.#faults.has('empty-event-as-fault'))) return undefined;
    const { view } = this.#memory;
    const reserved = view.getUint32(at, true) >>> 8;
    const looksAway = this.#faults.has('fault-reserved-not-ignored') || this.#faults.has('fault-reason-32-bit');
    if (reserved !== 0 && !looksAway) return undefined;
    if (this.#faults.has('fault-reserved1-checked') && view.getUint32(at + 12, true) !== 0) return undefined;
    const flags = view.getUint32(at + 4, true);
    if (this.#faults.has('fault-undefined-flags-dropped') && (flags & ~DEFINED_FLAGS) !== 0) return undefined;
    const number = this.#reasonIn(at);
    if (number > 2 && this.#faults.has('fault-unknown-reason-dropped')) return undefined;
    return {
      reason: REASONS[number] ?? 'unknown',
      endpoint: view.getUint32(at + (this.#faults.has('fault-endpoint-misread') ? 16 : 8), true),
      address: this.#hasAddress(flags) ? this.#addressIn(at) : undefined,
    };
  }

  #reasonIn(at: number): number {
    const { view } = this.#memory;
    if (this.#faults.has('fault-reason-32-bit')) return view.getUint32(at, true);
    return view.getUint8(at) - (this.#faults.has('fault-reason-off-by-one') ? 1 : 0);
  }

  #hasAddress(flags: number): boolean {
    if (this.#faults.has('fault-addresses-unused')) return false;
    if (this.#faults.has('fault-address-by-another-flag')) return (flags & FLAG_READ) !== 0;
    if (this.#faults.has('fault-flags-compared') && (flags & ~DEFINED_FLAGS) !== 0) return false;
    return (flags & FLAG_ADDRESS) !== 0 || this.#faults.has('fault-address-without-flag');
  }

  #addressIn(at: number): bigint {
    const { view } = this.#memory;
    const address = view.getBigUint64(at + 16, true);
    return this.#faults.has('fault-reserved1-in-address') ? address + BigInt(view.getUint32(at + 12, true)) : address;
  }

  /** Takes all memory back; the device has been reset. */
  dispose(): void {
    if (this.#pages) this.#memory.release(this.#pages);
    this.#memory.release(this.#queue.pages);
  }
}
