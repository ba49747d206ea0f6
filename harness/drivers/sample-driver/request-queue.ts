/** Sends requests over requestq, and takes their answers whenever and in whatever order they come. */
import type { Piece } from './descriptor-chain.ts';
import type { DriverFaults } from './driver-faults.ts';
import { Panic } from './panic.ts';
import { PAGE_SIZE, type Pages, type PhysicalMemory, VIRTUAL_BASE } from './physical-memory.ts';
import type { Platform } from './platform.ts';
import { type Answered, type RequestResult, resultOf } from './request-result.ts';
import type { Request } from './request-bytes.ts';
import type { Virtqueue } from './virtqueue.ts';

/** Where things lie in the memory of a request. */
const TABLE_OFFSET = 256;
const WRITABLE_OFFSET = 2048;
const TAIL_LENGTH = 4;
/** Waiting ends here even if the platform says that something may still come. */
const MOST_WAITS = 1000;

interface Flight {
  readonly request: Request;
  readonly pages: Pages;
  readonly head: number;
  /** Length in its used entry; undefined while the device has it. */
  usedLength: number | undefined;
  /** Nobody waits for the answer any more. */
  abandoned: boolean;
}

export class RequestQueue {
  readonly #queue: Virtqueue;
  readonly #memory: PhysicalMemory;
  readonly #platform: Platform;
  readonly #faults: DriverFaults;
  /** Requests that the device has, by the head of their chains, oldest first. */
  readonly #flights = new Map<number, Flight>();
  #interruptsSeen = 0;
  #placedCount = 0;
  /** Heads that have been given to the device at some time. */
  readonly #headsUsed = new Set<number>();
  /** Whether any request has failed. */
  hasFailed = false;

  constructor(queue: Virtqueue, memory: PhysicalMemory, platform: Platform, faults: DriverFaults) {
    this.#queue = queue;
    this.#memory = memory;
    this.#platform = platform;
    this.#faults = faults;
    this.#interruptsSeen = queue.interrupts();
  }

  send(request: Request): RequestResult {
    const result = this.sendAll([request])[0]!;
    return result.isRefused && this.#faults.has('retries-refused-requests') ? this.sendAll([request])[0]! : result;
  }

  /** Sends a request and does not care for its answer. */
  post(request: Request): void {
    const flight = this.#place(request);
    if (flight) flight.abandoned = true;
    this.#queue.kick();
    this.#drain();
  }

  /** Sends requests that do not depend on each other, and waits for all of them. */
  sendAll(requests: readonly Request[]): RequestResult[] {
    if (requests.length === 0) return [];
    if (requests.length > 1 && this.#faults.has('one-request-at-a-time')) return requests.map((it) => this.send(it));
    const flights: (Flight | undefined)[] = [];
    for (const request of requests) flights.push(this.#place(request) ?? this.#placeAfterWaiting(request, flights));
    this.#drain();
    if (requests.every((request) => this.#goesUnannounced(request)))
      return requests.map(() => ({ ok: true, says: '' }));
    this.#queue.kick();
    return requests.map((request, index) => this.#conclude(request, flights[index]));
  }

  /** Requests that these drivers do not announce, or do not wait for. */
  #goesUnannounced(request: Request): boolean {
    return this.#faults.has('kick-forgotten-for-unmap') && request.name === 'UNMAP';
  }

  #conclude(request: Request, flight: Flight | undefined): RequestResult {
    if (!flight) return { ok: false, says: `no room for ${request.name} on requestq` };
    const early =
      (this.#faults.has('map-answered-early') && request.name === 'MAP') ||
      (this.#faults.has('unmap-answered-early') && request.name === 'UNMAP');
    if (early) {
      flight.abandoned = true;
      this.#drain();
      return { ok: true, says: '' };
    }
    if (this.#faults.has('looks-at-status-early')) flight.usedLength = request.propertiesLength + TAIL_LENGTH;
    else this.#await(flight);
    if (flight.usedLength === undefined && this.#faults.has('hangs-without-an-answer')) {
      throw new Panic('hung', `no answer to ${request.name}`);
    }
    if (flight.usedLength === undefined) {
      flight.abandoned = true;
      return { ok: this.#faults.has('gone-iommu-believed'), says: `the device does not answer ${request.name}` };
    }
    const result = resultOf(this.#answered(flight), this.#faults);
    this.hasFailed ||= !result.ok;
    this.#finish(flight, result.ok);
    return result;
  }

  #answered(flight: Flight): Answered {
    const { request, pages, usedLength } = flight;
    const from = pages.offset + this.#skew() + this.#writableOffset();
    const writableLength = request.propertiesLength + TAIL_LENGTH;
    return { request, usedLength: usedLength ?? 0, writable: this.#memory.bytes.slice(from, from + writableLength) };
  }

  #await(flight: Flight): void {
    this.#drain(flight);
    if (this.#faults.has('gives-up-early') && flight.usedLength === undefined) {
      this.#place(flight.request);
      this.#queue.kick();
    }
    for (let waits = 0; flight.usedLength === undefined && waits < MOST_WAITS; waits++) {
      const more = this.#platform.wait();
      this.#drain(flight);
      if (!more) return;
    }
  }

  /** A buffer that has come back is not always room enough: one used entry can stand for several that were taken before. */
  #placeAfterWaiting(request: Request, flights: readonly (Flight | undefined)[]): Flight | undefined {
    this.#queue.kick();
    for (const oldest of flights) {
      if (oldest?.usedLength !== undefined) continue;
      if (oldest) this.#await(oldest);
      // A head that has been given out again since belongs to a newer request.
      for (const flight of flights)
        if (flight?.usedLength !== undefined && this.#isHeadOf(flight)) this.#queue.ring.release(flight.head);
      const placed = this.#place(request);
      if (placed !== undefined || oldest?.usedLength === undefined) return placed;
    }
    return undefined;
  }

  #writableOffset(): number {
    return this.#faults.has('indirect-longer-than-queue') ? 4 * WRITABLE_OFFSET : WRITABLE_OFFSET;
  }

  #place(request: Request): Flight | undefined {
    const writableLength = request.propertiesLength + this.#tailLength();
    const pages = this.#memory.allocate(this.#skew() + this.#writableOffset() + request.propertiesLength + TAIL_LENGTH);
    if (!pages) return undefined;
    const skew = this.#skew();
    this.#memory.bytes.set(request.readable, pages.offset + skew);
    const isVirtual = this.#faults.has('descriptor-to-nowhere');
    const start = (isVirtual ? VIRTUAL_BASE + BigInt(pages.offset) : pages.physical) + BigInt(skew);
    const pieces: Piece[] = [{ bus: start, length: request.readable.byteLength, writable: false }];
    if (!this.#faults.has('tail-missing')) {
      const writable = !this.#faults.has('tail-readable');
      pieces.push({ bus: start + BigInt(this.#writableOffset()), length: writableLength, writable });
    }
    const room = { offset: pages.offset + TABLE_OFFSET, bus: pages.physical + BigInt(TABLE_OFFSET) };
    if (request.name === 'MAP' && this.#faults.has('map-parts-swapped')) pieces.reverse();
    this.#placedCount++;
    const isPlain = this.#faults.has('tables-for-every-second-request') && this.#placedCount % 2 === 0;
    const head = this.#queue.add(pieces, isPlain ? undefined : room);
    if (head === undefined) {
      this.#memory.release(pages);
      return undefined;
    }
    const flight: Flight = { request, pages, head, usedLength: undefined, abandoned: false };
    this.#flights.delete(head);
    this.#flights.set(head, flight);
    this.#headsUsed.add(head);
    return flight;
  }

  /** How far into its memory a request begins. */
  #skew(): number {
    if (this.#faults.has('requests-across-pages')) return PAGE_SIZE - 6;
    return this.#faults.has('requests-at-odd-addresses') ? 1 : 0;
  }

  #tailLength(): number {
    return this.#faults.has('tail-one-byte') ? 1 : TAIL_LENGTH;
  }

  /** Takes from the used ring what has come: all of it, or no more than `awaited` needs. */
  #drain(awaited?: Flight): void {
    const interrupts = this.#queue.interrupts();
    const listens = this.#faults.has('waits-for-interrupt-only') || this.#faults.has('used-event-not-moved');
    if (listens && interrupts === this.#interruptsSeen && this.#queue.vector !== undefined) return;
    if (!this.#faults.has('spurious-interrupt-as-completion')) this.#interruptsSeen = interrupts;
    for (let taken = 0; taken <= 0xffff; taken++) {
      if (awaited?.usedLength !== undefined) return;
      const entry = this.#queue.takeUsed();
      if (!entry) break;
      if (this.#faults.has('spurious-interrupt-as-completion')) this.#interruptsSeen++;
      this.#complete(entry.id, entry.length);
      if (this.#faults.has('waits-for-interrupt-only')) return;
    }
    if (this.#faults.has('spurious-interrupt-as-completion')) this.#takeInterrupts(interrupts);
  }

  /** Takes interrupts that came with nothing on the used ring for a completion. */
  #takeInterrupts(interrupts: number): void {
    const oldest = this.#oldest();
    if (interrupts > this.#interruptsSeen && oldest) oldest.usedLength = oldest.request.propertiesLength + TAIL_LENGTH;
    this.#interruptsSeen = Math.max(this.#interruptsSeen, interrupts);
  }

  #oldest(): Flight | undefined {
    for (const flight of this.#flights.values()) if (flight.usedLength === undefined) return flight;
    return undefined;
  }

  #complete(id: number, length: number): void {
    const flight = this.#flightFor(id);
    if (!flight && this.#faults.has('panics-on-foreign-used-id')) {
      throw new Panic('crashed', `no request in flight has the id ${id}`);
    }
    if (!flight) {
      this.#platform.log(`requestq: used id ${id} belongs to no request in flight`);
      return;
    }
    flight.usedLength = length;
    if (flight.abandoned) this.#finish(flight, true);
  }

  #flightFor(id: number): Flight | undefined {
    if (this.#faults.has('trusts-used-order')) return this.#oldest();
    const flight = this.#flights.get(id);
    if (flight && flight.usedLength === undefined) return flight;
    const believes =
      this.#faults.has('accepts-foreign-used-id') ||
      (this.#faults.has('accepts-duplicate-used-entry') && this.#headsUsed.has(id));
    return believes ? this.#oldest() : undefined;
  }

  /** Takes memory and descriptors of an answered request back. */
  #finish(flight: Flight, ok: boolean): void {
    this.#memory.release(flight.pages);
    if (!this.#isHeadOf(flight)) return;
    this.#flights.delete(flight.head);
    if (ok || !this.#faults.has('descriptors-leak-on-failure')) this.#queue.ring.release(flight.head);
  }

  /** Whether the descriptors that the request was placed with are still its own. */
  #isHeadOf(flight: Flight): boolean {
    return this.#flights.get(flight.head) === flight;
  }

  /** Resets the queue alone; requests that the device has are lost. A sentence if that failed. */
  restart(): string | undefined {
    const problem = this.#queue.restart(() => this.#platform.wait());
    if (problem !== undefined) return problem;
    for (const flight of this.#flights.values()) this.#memory.release(flight.pages);
    this.#flights.clear();
    this.#headsUsed.clear();
    this.#interruptsSeen = this.#queue.interrupts();
    return undefined;
  }

  /** Takes the memory of all requests back; the device has been reset and holds none of them. */
  dispose(): void {
    for (const flight of this.#flights.values()) this.#memory.release(flight.pages);
    this.#flights.clear();
    this.#memory.release(this.#queue.pages);
  }
}
