/** poll(2) over a handful of descriptors, filled anew for every wait. */
import { HarnessError } from '../harness-error.ts';
import { ERRNO, errno, libc, nativeBlock } from './libc.ts';

const ENTRY_SIZE = 8;
const EVENTS_AT = 4;
const REVENTS_AT = 6;

export class PollSet {
  readonly #block;
  #count = 0;

  /** Room for `capacity` descriptors. */
  constructor(capacity: number) {
    this.#block = nativeBlock(capacity * ENTRY_SIZE);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Waits for `events` (POLLIN, POLLOUT) of `descriptor` too; its place in this wait. */
  add(descriptor: number, events: number): number {
    const at = this.#count * ENTRY_SIZE;
    this.#block.view.setInt32(at, descriptor, true);
    this.#block.view.setUint16(at + EVENTS_AT, events, true);
    this.#block.view.setUint16(at + REVENTS_AT, 0, true);
    return this.#count++;
  }

  /** Blocks the thread until something happens; false when `timeoutMs` passed without. */
  wait(timeoutMs: number): boolean {
    const ready = libc.poll(this.#block.address, this.#count, timeoutMs);
    if (ready < 0 && errno() !== ERRNO.EINTR) throw new HarnessError(`Waiting for clients failed (errno ${errno()}).`);
    return ready !== 0;
  }

  /** What happened at `place`: the asked-for events, errors and hang-ups; 0 if nothing. */
  happened(place: number): number {
    return this.#block.view.getUint16(place * ENTRY_SIZE + REVENTS_AT, true);
  }
}
