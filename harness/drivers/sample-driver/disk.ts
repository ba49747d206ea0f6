/** The driver of a virtio block device (5.2): writes a pattern to the disk, and reads it back. */
import { EndpointDriver } from './endpoint-driver.ts';
import type { Part } from './endpoint-queue.ts';
import { PAGE_SIZE } from './physical-memory.ts';

const REQUEST_IN = 0;
const REQUEST_OUT = 1;
const STATUS_OK = 0;
const HEAD_BYTES = 16;
const SECTOR_BYTES = 512;
/** A page each: what every device takes that says no more of its limits than this driver reads. */
const MOST_PIECES = 8;
/** Header and status. */
const FRAME_PARTS = 2;

export class DiskDriver extends EndpointDriver {
  protected readonly queueCount = 1;

  transfer(length: number): Uint8Array | string {
    const wanted = Math.ceil(length / SECTOR_BYTES) * SECTOR_BYTES;
    const pattern = Uint8Array.from({ length: wanted }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
    const most = this.#mostBytes;
    if (most <= 0) return `${this.name} has no queue that a request fits into`;
    for (let from = 0; from < wanted; from += most) {
      const piece = pattern.subarray(from, from + most);
      const problem = this.#write(from, piece) ?? this.#compare(from, piece);
      if (problem !== undefined) return problem;
    }
    return pattern.subarray(0, length);
  }

  begin(length: number): string | undefined {
    const parts = requestParts(REQUEST_IN, 0, pagesOf(Math.min(length, this.#mostBytes)));
    const handed = this.queue(0)?.hand(parts) ?? this.down;
    return typeof handed === 'string' ? handed : undefined;
  }

  /** Of the data of one request. */
  get #mostBytes(): number {
    return Math.min(MOST_PIECES, (this.queue(0)?.mostParts ?? 0) - FRAME_PARTS) * PAGE_SIZE;
  }

  #write(from: number, data: Uint8Array): string | undefined {
    const done = this.#request(REQUEST_OUT, from, pagesOf(data.length, data));
    return typeof done === 'string' ? done : undefined;
  }

  #compare(from: number, data: Uint8Array): string | undefined {
    const done = this.#request(REQUEST_IN, from, pagesOf(data.length));
    if (typeof done === 'string') return done;
    const isSame = done.every((page, index) => page.every((byte, at) => byte === data[index * PAGE_SIZE + at]));
    return isSame ? undefined : `${this.name} does not give back what was written`;
  }

  /** What stands in the data after the request that begins `from` bytes into the disk; a sentence if it failed. */
  #request(type: number, from: number, data: readonly Part[]): readonly Uint8Array[] | string {
    const exchanged = this.queue(0)?.exchange(requestParts(type, from, data)) ?? this.down;
    if (typeof exchanged === 'string') return exchanged;
    const status = exchanged.contents.at(this.faults.has('disk-status-misread') ? 0 : -1)?.[0];
    return status === STATUS_OK ? exchanged.contents.slice(1, -1) : `${this.name} answered with status ${status}`;
  }
}

/** Header, data and status of a request that begins `from` bytes into the disk. */
function requestParts(type: number, from: number, data: readonly Part[]): Part[] {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(0, type, true);
  view.setBigUint64(8, BigInt(from / SECTOR_BYTES), true);
  return [{ length: HEAD_BYTES, bytes: head }, ...data, { length: 1 }];
}

/** A part for every page of `length` bytes; with `data` the device reads it. */
const pagesOf = (length: number, data?: Uint8Array): Part[] =>
  Array.from({ length: Math.ceil(length / PAGE_SIZE) }, (_, page) => {
    const from = page * PAGE_SIZE;
    const until = Math.min(from + PAGE_SIZE, length);
    return data ? { length: until - from, bytes: data.subarray(from, until) } : { length: until - from };
  });
