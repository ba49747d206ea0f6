/** A driver behind a pipe: any process that obeys VERBS.md, as a `DriverSession`. */
import type { Machine } from '../machine.ts';
import { AnswerReader, type ReadEvent } from './answer-reader.ts';
import { commandLine } from './command-line.ts';
import { DriverGone } from './driver-session.ts';
import type { Answer, Command, DriverIdentity, DriverSession, SessionEnd } from './driver-session.ts';
import { LogRing } from './log-ring.ts';
import { Patience, within } from '../patience.ts';
import { type ProcessEnd, type ShimProcess, startShimProcess } from './shim-process.ts';

/** Milliseconds of the harness's own running time. */
export interface ShimDeadlines {
  /** From the start of the program to its "TAP version 14". */
  readonly startMs?: number | undefined;
  /** From a command to the end of its answer. */
  readonly answerMs?: number | undefined;
}

const DEFAULT_DEADLINES = { startMs: 60_000, answerMs: 20_000 } as const;

export interface ShimOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Belongs to the session from now on: closed with it, and also if it does not come about. */
  readonly machine: Machine;
  readonly identity: DriverIdentity;
  readonly deadlines?: ShimDeadlines;
  /** More of the driver's log, from another channel, since the last call. */
  readonly extraLog?: () => string;
  /** Gets the log while it is written, control characters replaced. */
  readonly onLog?: (text: string) => void;
  /** The driver's end, if another channel shows it. */
  readonly trouble?: () => SessionEnd | undefined;
}

/** From the end of stdin to SIGTERM. */
const FAREWELL_MS = 1000;
/** From SIGTERM to SIGKILL, and from a closed stdout to the end of the process. */
const GRACE_MS = 500;
/** For last words that are still in the pipes when the process has ended. */
const DRAIN_MS = 200;

/**
 * Starts a shim and waits until it has announced its TAP stream.
 * Rejects with `DriverGone` if it ends, stays silent or breaks the contract before.
 */
export async function openShim(options: ShimOptions): Promise<DriverSession> {
  const session = new ShimSession(options);
  try {
    await session.announced();
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Somebody who waits for the shim: for its announcement or for an answer. */
interface Waiting {
  readonly forWhat: string;
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (gone: DriverGone) => void;
  readonly patience: Patience;
}

class ShimSession implements DriverSession {
  readonly machine: Machine;
  readonly identity: DriverIdentity;
  readonly #options: ShimOptions;
  readonly #process: ShimProcess;
  readonly #reader = new AnswerReader();
  readonly #log = new LogRing();
  readonly #announcement: Promise<Answer | undefined>;
  #waiting: Waiting | undefined;
  #end: SessionEnd | undefined;
  #closing: Promise<void> | undefined;
  #endedByItself: boolean | undefined;

  constructor(options: ShimOptions) {
    this.machine = options.machine;
    this.identity = options.identity;
    this.#options = options;
    this.#process = startShimProcess({ ...options, env: options.env ?? {} });
    this.#announcement = this.#wait('its start', options.deadlines?.startMs ?? DEFAULT_DEADLINES.startMs);
    this.#listen();
  }

  get endedByItself(): boolean | undefined {
    return this.#endedByItself;
  }

  async announced(): Promise<void> {
    await this.#announcement;
  }

  async command(command: Command): Promise<Answer> {
    const line = commandLine(command);
    if (this.#end) throw new DriverGone(this.#end);
    if (this.#waiting)
      throw new Error(`assertion: "${command.verb}" was asked before ${this.#waiting.forWhat} was over`);
    this.#reader.expect(command.verb);
    const answerMs = this.#options.deadlines?.answerMs ?? DEFAULT_DEADLINES.answerMs;
    const answer = this.#wait(`"${command.verb}"`, answerMs);
    this.#process.stdin.write(line);
    const given = await answer;
    if (given === undefined) throw new Error('assertion: an announcement came in place of an answer');
    return given;
  }

  takeLog(): string {
    return this.#log.take() + (this.#options.extraLog?.() ?? '');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #listen(): void {
    const { stdin, stdout, stderr, ended } = this.#process;
    const drained = Promise.all([over(stdout), over(stderr)]);
    stdout.on('data', (chunk: Uint8Array) => {
      for (const event of this.#reader.push(chunk)) this.#read(event);
    });
    stderr.on('data', (chunk: Uint8Array) => this.#keepLog(chunk));
    // EPIPE: the process is about to end, or will be found silent.
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {});
    void ended.then(async (end) => {
      await within(drained, DRAIN_MS);
      stdout.destroy();
      stderr.destroy();
      this.#finish(endOf(end, this.#waiting?.forWhat));
    });
    void over(stdout).then(async () => {
      if (await within(ended, GRACE_MS)) return;
      this.#finish({ how: 'broke-contract', says: 'The driver closed its stdout and went on running.' });
    });
  }

  #keepLog(piece: Uint8Array | string): void {
    const text = this.#log.append(piece);
    this.#options.onLog?.(text);
  }

  #read(event: ReadEvent): void {
    if (this.#end) return;
    switch (event.kind) {
      case 'announced':
        this.#settle((waiting) => waiting.resolve(undefined));
        return;
      case 'answer':
        this.#answered(event.answer);
        return;
      case 'comment':
        this.#keepLog(`# ${event.text}\n`);
        return;
      case 'bail-out':
        this.#finish({
          how: 'exited',
          says: `The driver bailed out: ${event.reason.replace(/\.$/, '') || 'it gave no reason'}.`,
        });
        return;
      case 'broken':
        this.#finish({ how: 'broke-contract', says: `The driver ${event.says}.` });
    }
  }

  #answered(answer: Answer): void {
    const trouble = this.#options.trouble?.();
    if (trouble === undefined) this.#settle((waiting) => waiting.resolve(answer));
    else this.#finish(trouble);
  }

  #wait(forWhat: string, timeoutMs: number): Promise<Answer | undefined> {
    const waits = new Promise<Answer | undefined>((resolve, reject) => {
      const patience = new Patience(timeoutMs, () => this.#silent(forWhat, timeoutMs));
      this.#waiting = { forWhat, resolve, reject, patience };
    });
    // The session may end before anybody has got hold of this promise.
    waits.catch(() => {});
    return waits;
  }

  #silent(forWhat: string, timeoutMs: number): void {
    const how = this.#reader.amidAnswer ? 'broke-contract' : 'silent';
    this.#finish({ how, says: `The driver ${this.#reader.missing} within ${timeoutMs} ms of ${forWhat}.` });
  }

  #settle(tell: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.patience.stop();
    if (waiting) tell(waiting);
  }

  /** The first end counts: what follows from it, such as our own SIGKILL, is not news. */
  #finish(end: SessionEnd): void {
    if (this.#end) return;
    const trouble = end.how === 'broke-contract' ? undefined : this.#options.trouble?.();
    this.#end = trouble ?? this.#withLastWords(end);
    const gone = new DriverGone(this.#end);
    this.#settle((waiting) => waiting.reject(gone));
    void this.#reap();
  }

  #withLastWords(end: SessionEnd): SessionEnd {
    const words = this.#log.lastLine();
    return words === '' ? end : { ...end, says: `${end.says} Its last words: ${JSON.stringify(words)}.` };
  }

  /** Ends the process group: SIGTERM, and SIGKILL after the grace. */
  async #reap(): Promise<void> {
    this.#process.signalGroup('SIGTERM');
    if (!(await within(this.#process.ended, GRACE_MS))) this.#process.signalGroup('SIGKILL');
  }

  async #close(): Promise<void> {
    try {
      const alive = this.#end === undefined;
      this.#process.stdin.end();
      const inTime = await within(this.#process.ended, FAREWELL_MS);
      if (alive) this.#endedByItself = inTime;
      this.#finish({ how: 'killed', says: 'The harness closed the session.' });
      await this.#reap();
      await within(this.#process.ended, GRACE_MS);
    } finally {
      await this.machine.close();
    }
  }
}

function over(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('end', resolve).once('close', resolve);
  });
}

function endOf(end: ProcessEnd, forWhat: string | undefined): SessionEnd {
  const when = forWhat === undefined ? 'while nothing was asked of it' : `while ${forWhat} was waited for`;
  if (end.startError !== undefined)
    return { how: 'exited', says: `The driver's program could not be started: ${end.startError}.` };
  if (end.signal !== undefined)
    return { how: 'killed', says: `The driver's program was ended by ${end.signal} ${when}.` };
  return { how: 'exited', says: `The driver's program ended with exit code ${end.code ?? 'unknown'} ${when}.` };
}
