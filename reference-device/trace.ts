/** The one trace of a machine, while it is being written. */
import type { TraceBody, TraceEvent } from './trace-events.ts';

/** What a trace holds at most for each event of its limit; a driver can make events that are much larger than usual. */
const WEIGHT_PER_EVENT = 4;

/** How much an event takes up, roughly in units of 100 bytes. */
function weightOf(body: TraceBody): number {
  const descriptors = 'descriptors' in body ? body.descriptors.length : 0;
  const bytes = 'bytes' in body && body.bytes !== undefined ? body.bytes.length >> 7 : 0;
  return 1 + descriptors + bytes;
}

/** Collects events. Bounded: past `limit` events, or when they get too large, it counts, and says so once. */
export class Trace {
  readonly #limit: number;
  #events: TraceEvent[] = [];
  #weight = 0;
  #nextSeq = 0;
  #nextRequest = 0;
  #dropped = 0;

  constructor(limit = 50_000) {
    this.#limit = limit;
  }

  /** The id of a request, by which it and its completion belong together, whichever device it is for. */
  nextRequestId(): number {
    return this.#nextRequest++;
  }

  /** Takes `body` over: it becomes the event. */
  add(body: TraceBody): void {
    if (!this.#hasRoom()) {
      this.#countDropped();
      return;
    }
    this.#weight += weightOf(body);
    this.#events.push(Object.assign(body, { seq: this.#nextSeq++ }));
  }

  /** Like `add`, for events that come by the million: `body` is only made if there is room for it. */
  addLazily(body: () => TraceBody): void {
    if (this.#hasRoom()) this.add(body());
    else this.#countDropped();
  }

  #hasRoom(): boolean {
    return this.#events.length < this.#limit && this.#weight < this.#limit * WEIGHT_PER_EVENT;
  }

  #countDropped(): void {
    this.#nextSeq++;
    this.#dropped++;
  }

  /** The events since the last call, and empties the trace; numbering goes on until `restart`. */
  take(): TraceEvent[] {
    const events = this.#events;
    this.#events = [];
    this.#weight = 0;
    if (this.#dropped > 0) {
      events.push({
        kind: 'cut',
        says: `${this.#dropped} further events were not kept (limit ${this.#limit})`,
        seq: this.#nextSeq++,
      });
      this.#dropped = 0;
    }
    return events;
  }

  /** Forgets everything and numbers from 0 again. */
  restart(): void {
    this.#events = [];
    this.#weight = 0;
    this.#nextSeq = 0;
    this.#nextRequest = 0;
    this.#dropped = 0;
  }
}
