/** The guest's console: the kernel's own log, read from the file that QEMU writes. */
import { closeSync, openSync, readSync } from 'node:fs';
import { LogRing } from '../../driver-contract/log-ring.ts';

/** Bytes that are kept between two calls of `take`. */
const CAPACITY = 65_536;
const CHUNK_BYTES = 65_536;

/** How the kernel begins to say that it is in trouble. A warning is none: the kernel goes on. */
const CRASH =
  /Kernel panic - not syncing[^\r\n]*|BUG: [^\r\n]*|Oops: [^\r\n]*|general protection fault[^\r\n]*|Unable to handle kernel [^\r\n]*/;
const LONGEST_SENTENCE = 200;

/** A sentence about the first sign of a crash in `text`; undefined if there is none. */
export function guestCrash(text: string): string | undefined {
  const words = CRASH.exec(text)?.[0].trim();
  return words === undefined ? undefined : `The guest's kernel crashed: ${words.slice(0, LONGEST_SENTENCE)}.`;
}

export class GuestConsole {
  readonly #fd: number;
  readonly #log = new LogRing(CAPACITY);
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #from = 0;
  /** The end of what was read, in which a sign of a crash may begin. */
  #lastLine = '';
  #crash: string | undefined;

  /** The file at `path` must exist. */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  /** What the kernel wrote since the last call; bounded. */
  take(): string {
    this.#read();
    return this.#log.take();
  }

  /** A sentence if the kernel has ever crashed. */
  crash(): string | undefined {
    this.#read();
    return this.#crash;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(): void {
    for (;;) {
      const length = readSync(this.#fd, this.#chunk, 0, CHUNK_BYTES, this.#from);
      if (length === 0) return;
      this.#from += length;
      const text = this.#log.append(this.#chunk.subarray(0, length));
      const recent = this.#lastLine + text;
      const lastLineFrom = recent.lastIndexOf('\n') + 1;
      this.#crash ??= guestCrash(recent.slice(0, lastLineFrom));
      this.#lastLine = recent.slice(lastLineFrom).slice(-CHUNK_BYTES);
    }
  }
}
