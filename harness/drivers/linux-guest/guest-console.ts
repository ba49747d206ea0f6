/** The guest's console: the kernel's own log, read from the file that QEMU writes. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { SessionEnd } from '../../driver-contract/driver-session.ts';
import { LogRing } from '../../driver-contract/log-ring.ts';
import { withoutControls } from '../../driver-contract/printable-text.ts';
import { LINE_BEGINNING } from '../../../reports/words/kernel-report-forms.ts';
import { type KernelReport, kernelReports, whereText } from '../../../reports/words/kernel-reports.ts';

/** Bytes that are kept between two calls of `take`. */
const CAPACITY = 65_536;
const CHUNK_BYTES = 65_536;

/** How the kernel says that a processor has got no further for a while, as it does not on a busy host. */
const STALLS = [
  String.raw`Kernel panic - not syncing: (?:softlockup|Hard LOCKUP|RCU Stall)`,
  String.raw`(?:watchdog: )?BUG: (?:soft|workqueue) lockup`,
  String.raw`(?:NMI )?[Ww]atchdog: Watchdog detected hard LOCKUP`,
  String.raw`(?:rcu: )?INFO: rcu_\w+ (?:self-)?detected (?:expedited )?stalls?`,
];

const STALL = new RegExp(String.raw`${LINE_BEGINNING}((?:${STALLS.join('|')})[^\r\n]*)`, 'm');
const LONGEST_SENTENCE = 200;

/** The first sign in `text` that the kernel has crashed, or else that it was held up; undefined if there is none. */
export function guestTrouble(text: string): SessionEnd | undefined {
  const crash = kernelReports(withoutControls(text)).find(({ isCrash }) => isCrash);
  if (crash) return crashEnd(crash);
  const stall = STALL.exec(text)?.[1];
  if (stall === undefined) return undefined;
  return {
    how: 'held-up',
    says: `The guest was held up, as by a busy host: ${stall.trim().slice(0, LONGEST_SENTENCE)}.`,
  };
}

/** What crashes without a function of ours in the backtrace says nothing of the driver. */
function crashEnd(report: KernelReport): SessionEnd {
  const where = report.part === undefined ? '' : `, ${whereText(report)}`;
  const how = report.part === 'elsewhere' ? 'crashed-elsewhere' : 'crashed';
  return { how, says: `The guest's kernel crashed: ${report.says}${where}.` };
}

export class GuestConsole {
  readonly #fd: number;
  readonly #log = new LogRing(CAPACITY);
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #from = 0;
  /** The end of what was read, in which a sign of a crash may begin. */
  #lastLine = '';
  #stall: SessionEnd | undefined;
  /** What was written from the first crash on, as far as its backtrace may go. */
  #crash = '';

  /** The file at `path` must exist. */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  /** What the kernel wrote since the last call; bounded. */
  take(): string {
    this.#read();
    return this.#log.take();
  }

  /** What has ever gone wrong with the kernel; undefined if nothing has. A crash outweighs a delay, whichever came first. */
  trouble(): SessionEnd | undefined {
    this.#read();
    return this.#crash === '' ? this.#stall : guestTrouble(this.#crash);
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
      this.#note(recent.slice(0, lastLineFrom));
      this.#lastLine = recent.slice(lastLineFrom).slice(-CHUNK_BYTES);
    }
  }

  #note(lines: string): void {
    if (this.#crash !== '') {
      if (this.#crash.length < CAPACITY) this.#crash += lines;
      return;
    }
    const trouble = guestTrouble(lines);
    if (trouble?.how === 'held-up') this.#stall ??= trouble;
    else if (trouble) this.#crash = lines;
  }
}
