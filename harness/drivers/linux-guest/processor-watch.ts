/**
 * Tells a guest that will never answer from one that is slow: its processor runs on and on with interrupts off. A driver that
 * waits in such a loop for a device stops the whole guest, and there is no need to wait for the deadline.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriverSession, SessionEnd } from '../../driver-contract/driver-session.ts';
import { QemuMonitor } from './qemu-monitor.ts';

/** Nearly every command is answered by then. */
const PATIENCE_MS = 500;
const INTERVAL_MS = 100;
/** The processor's time with interrupts off that no working kernel needs: its longest answer takes 1 s, mostly with them on. */
const SPIN_MS = 2000;
/** Seen so often in that time, and never with interrupts on. */
const SIGHTINGS = 10;
/** Linux counts a process's time in hundredths of a second, whatever its processor. */
const TICK_MS = 10;

/** What the processor was seen at. */
export interface Sighting {
  /** How long it has run, in all, whatever else the host was busy with. */
  readonly ranMs: number;
  readonly interruptsOff: boolean;
}

/** Sightings of one processor, in order. */
export class SpinCount {
  #sinceMs: number | undefined;
  #lastMs = 0;
  #count = 0;

  /** Whether the processor has now spun for so long that it will not come back. */
  isSpun({ ranMs, interruptsOff }: Sighting): boolean {
    if (!interruptsOff) {
      this.#sinceMs = undefined;
      return false;
    }
    if (this.#sinceMs === undefined) {
      this.#sinceMs = this.#lastMs = ranMs;
      this.#count = 0;
    }
    // A processor that has not run since was seen at the same place once more.
    if (ranMs > this.#lastMs) this.#count++;
    this.#lastMs = ranMs;
    return ranMs - this.#sinceMs >= SPIN_MS && this.#count >= SIGHTINGS;
  }
}

/** How QEMU prints the register that says it, and the bit of it that does: set or clear. */
const INTERRUPT_BITS = [
  { register: /\b[ER]FL=([0-9a-f]{8,16})\b/, bit: 0x200n, whenOff: 0n },
  { register: /\bPSTATE=([0-9a-f]{8,16})\b/, bit: 0x80n, whenOff: 0x80n },
];

/** Whether interrupts are off, by what QEMU prints of an x86 or arm64 processor's registers; undefined if it does not say. */
export function interruptsOff(registers: string): boolean | undefined {
  for (const { register, bit, whenOff } of INTERRUPT_BITS) {
    const digits = register.exec(registers)?.[1];
    if (digits !== undefined) return (BigInt(`0x${digits}`) & bit) === whenOff;
  }
  return undefined;
}

/** Milliseconds that a thread has run, by its /proc/…/stat; undefined if that says nothing. */
export function ranMs(stat: string): number | undefined {
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(user) + Number(system);
  return Number.isSafeInteger(ticks) ? ticks * TICK_MS : undefined;
}

/** The only processor of the QEMU that listens at a socket. */
export class ProcessorWatch {
  readonly #path: string;
  #monitor: QemuMonitor | undefined;
  #end: SessionEnd | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** How the guest has ended, if it was seen to spin. */
  trouble(): SessionEnd | undefined {
    return this.#end;
  }

  /** Gives what `work` gives. If the processor spins meanwhile, QEMU is told to end, by which `work` ends as well. */
  async during<T>(verb: string, work: Promise<T>): Promise<T> {
    const over = new AbortController();
    void this.#watch(verb, over.signal);
    try {
      return await work;
    } finally {
      over.abort();
    }
  }

  close(): void {
    this.#monitor?.close();
  }

  async #watch(verb: string, over: AbortSignal): Promise<void> {
    const spins = new SpinCount();
    for (let wait = PATIENCE_MS; await isPast(wait, over); wait = INTERVAL_MS) {
      const sighting = await this.#look();
      if (sighting === undefined || over.aborted) return;
      if (!spins.isSpun(sighting)) continue;
      const says = `The driver did not answer "${verb}": the guest's processor runs in a loop with interrupts off.`;
      this.#end = { how: 'silent', says };
      void this.#monitor?.ask('quit');
      return;
    }
  }

  async #look(): Promise<Sighting | undefined> {
    const monitor = (this.#monitor ??= new QemuMonitor(this.#path));
    const [processor] = asList(await monitor.ask('query-cpus-fast'));
    const registers = await monitor.ask('human-monitor-command', { 'command-line': 'info registers' });
    const off = interruptsOff(String(registers));
    const stat = await readFile(`/proc/${String(processor?.['thread-id'])}/stat`, 'utf8').catch(() => '');
    const ran = ranMs(stat);
    return off === undefined || ran === undefined ? undefined : { ranMs: ran, interruptsOff: off };
  }
}

const asList = (said: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(said) ? (said as Readonly<Record<string, unknown>>[]) : [];

/** Whether `ms` pass before `over`. */
const isPast = (ms: number, over: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal: over }).catch(() => false);

/** `session`, whose guest is watched while it is asked for something. */
export const withWatch = (session: DriverSession, watch: ProcessorWatch): DriverSession => ({
  machine: session.machine,
  identity: session.identity,
  get endedByItself() {
    return session.endedByItself;
  },
  command: (command) => watch.during(command.verb, session.command(command)),
  takeLog: () => session.takeLog(),
  close: async () => {
    watch.close();
    await session.close();
  },
});
