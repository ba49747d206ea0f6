/** The guest's console: the kernel's own log, read from the file that QEMU writes. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { SessionEnd } from '../../driver-contract/driver-session.ts';
import { LogRing } from '../../driver-contract/log-ring.ts';

/** Bytes that are kept between two calls of `take`. */
const CAPACITY = 65_536;
const CHUNK_BYTES = 65_536;

/** What stands before the words of a line of the kernel's: level, time and caller, as far as they are switched on. */
const BEGINNING = String.raw`^(?:<\d>)?(?:[^\r\n]{0,100}?\[ *\d+\.\d+\])?(?:\[ *[TC]\d+\])? *`;

/**
 * How the kernel begins to say that it is in trouble: the forms of its own code, since a module may print any word. A
 * warning is none, nor is what KCSAN or lockdep say of themselves: the kernel goes on.
 */
const CRASHES = [
  String.raw`Kernel panic - not syncing: (?!softlockup|Hard LOCKUP|RCU Stall)`,
  // What die() prints behind the name of an exception.
  String.raw`[^\r\n]{1,100}: [0-9a-f]{4,16} \[#\d+\]`,
  'Oops: ',
  'Internal error: ',
  'PANIC: double fault',
  'Unable to handle kernel ',
  'kernel BUG at ',
  'BUG: kernel NULL pointer dereference',
  'BUG: unable to handle ',
  String.raw`BUG: (?:KASAN|KMSAN|KFENCE): `,
  String.raw`BUG: [\w ]*stack guard page was hit`,
  'BUG: Bad (?:page|rss-counter) ',
  String.raw`BUG: (?:spin|rw)lock (?!lockup)`,
  'BUG: scheduling while atomic',
  'BUG: sleeping function called from invalid context',
  'list_(?:add|del) corruption',
  'refcount_t: ',
];

/** How it says that a processor has got no further for a while, as it does not on a busy host. */
const STALLS = [
  String.raw`Kernel panic - not syncing: (?:softlockup|Hard LOCKUP|RCU Stall)`,
  String.raw`(?:watchdog: )?BUG: (?:soft|workqueue) lockup`,
  String.raw`(?:NMI )?[Ww]atchdog: Watchdog detected hard LOCKUP`,
  String.raw`(?:rcu: )?INFO: rcu_\w+ (?:self-)?detected (?:expedited )?stalls?`,
];

const lineOf = (forms: readonly string[]): RegExp =>
  new RegExp(String.raw`${BEGINNING}((?:${forms.join('|')})[^\r\n]*)`, 'm');
const CRASH = lineOf(CRASHES);
const STALL = lineOf(STALLS);
const LONGEST_SENTENCE = 200;

const wordsOf = (line: RegExpExecArray): string => (line[1] ?? '').trim().slice(0, LONGEST_SENTENCE);

/** The first sign in `text` that the kernel has crashed, or else that it was held up; undefined if there is none. */
export function guestTrouble(text: string): SessionEnd | undefined {
  const crash = CRASH.exec(text);
  if (crash) return { how: 'crashed', says: `The guest's kernel crashed: ${wordsOf(crash)}.` };
  const stall = STALL.exec(text);
  return stall ? { how: 'held-up', says: `The guest was held up, as by a busy host: ${wordsOf(stall)}.` } : undefined;
}

export class GuestConsole {
  readonly #fd: number;
  readonly #log = new LogRing(CAPACITY);
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #from = 0;
  /** The end of what was read, in which a sign of a crash may begin. */
  #lastLine = '';
  #trouble: SessionEnd | undefined;

  /** The file at `path` must exist. */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  /** What the kernel wrote since the last call; bounded. */
  take(): string {
    this.#read();
    return this.#log.take();
  }

  /** What has ever gone wrong with the kernel; undefined if nothing has. */
  trouble(): SessionEnd | undefined {
    this.#read();
    return this.#trouble;
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
      this.#note(guestTrouble(recent.slice(0, lastLineFrom)));
      this.#lastLine = recent.slice(lastLineFrom).slice(-CHUNK_BYTES);
    }
  }

  /** A crash outweighs a delay, whichever came first. */
  #note(trouble: SessionEnd | undefined): void {
    if (this.#trouble === undefined || (trouble?.how === 'crashed' && this.#trouble.how !== 'crashed')) {
      this.#trouble = trouble;
    }
  }
}
