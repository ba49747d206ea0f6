/** A process of its own that plays: what kills or blocks it costs the variant that it plays, and nothing else. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import { parentWatch } from '../driver-contract/parent-watch.ts';
import { Patience, within } from '../patience.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { unplayed } from '../scoring/judge-play.ts';
import type { Job, Played } from './job.ts';
import type { FromJob, JobDriver, ToJob } from './job-messages.ts';

const SILENCE_MS = 60_000;
const FAREWELL_MS = 10_000;

export interface JobProcessOptions {
  /** The module that calls `serveJob`. */
  readonly entry: URL;
  /** Hears of long work. */
  readonly tell: (line: string) => void;
  /** Without a sign of life for so long, of which there is one a second, nothing works there any more. */
  readonly silenceMs?: number;
  /** A guest is given so much time to end. */
  readonly farewellMs?: number;
}

interface Request {
  readonly resolve: (answer: FromJob | Death) => void;
  readonly started: ((setup: MachineSetup) => void) | undefined;
}

/** Why no answer will come, as the end of a sentence. */
interface Death {
  readonly type: 'died';
  readonly how: string;
}

/** Starts at once, and again with a request after it has died or was ended. */
export class JobProcess {
  readonly #options: JobProcessOptions;
  #life: Life | undefined;

  constructor(options: JobProcessOptions) {
    this.#options = options;
    this.#life = new Life(options);
  }

  /** A job with this driver. Closing it ends the process; whatever is asked after that starts another one. */
  before(driver: JobDriver): Job {
    return {
      meet: async (described, seed): Promise<DriverIdentity> => {
        const answer = await this.#ask({ type: 'meet', driver, described, seed });
        if (answer.type === 'met') return answer.identity;
        if (answer.type !== 'died') throw errorOf(answer);
        throw new HarnessError(`The process that was to meet the driver ${answer.how}.`, {
          exitCode: EXIT.driverDidNotStart,
        });
      },
      play: async ({ id }, started): Promise<Played> => {
        const answer = await this.#ask({ type: 'play', driver, id }, started);
        if (answer.type === 'played') return answer.played;
        if (answer.type !== 'died') throw errorOf(answer);
        const error = `The process that played this ${answer.how}.`;
        return { ...unplayed({ unanswered: undefined, error }), driver: 'absent' };
      },
      ask: async (question): Promise<unknown> => {
        const answer = await this.#ask({ type: 'ask', driver, question });
        if (answer.type === 'answered') return answer.answer;
        if (answer.type !== 'died') throw errorOf(answer);
        return `The process that was to answer ${answer.how}.`;
      },
      close: () => this.end(),
    };
  }

  /** Ends the process, in order if it still listens. */
  async end(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    await life?.end();
  }

  #ask(message: ToJob, started?: (setup: MachineSetup) => void): Promise<FromJob | Death> {
    if (this.#life?.isOver !== false) this.#life = new Life(this.#options);
    return this.#life.ask(message, started);
  }
}

/** One process, from its start to its end. */
class Life {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #options: JobProcessOptions;
  #request: Request | undefined;
  #silence: Patience | undefined;
  #death: Death | undefined;

  constructor(options: JobProcessOptions) {
    this.#options = options;
    this.#child = started(options.entry);
    this.#child.on('message', (message: FromJob) => this.#hear(message));
    this.#ended = this.#outlived();
    this.#listen();
  }

  get isOver(): boolean {
    return this.#death !== undefined;
  }

  ask(message: ToJob, started: Request['started']): Promise<FromJob | Death> {
    if (this.#request) throw new Error(`assertion: a job was asked to ${message.type} before it had answered`);
    return new Promise((resolve) => {
      this.#request = { resolve, started };
      this.#child.send(message);
    });
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.send({ type: 'close' } satisfies ToJob);
    if (!(await within(this.#ended, this.#options.farewellMs ?? FAREWELL_MS))) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #hear(message: FromJob): void {
    this.#listen();
    switch (message.type) {
      case 'alive':
        return;
      case 'told':
        this.#options.tell(message.line);
        return;
      case 'started':
        this.#request?.started?.(message.setup);
        return;
      default:
        this.#settle(message);
    }
  }

  /** Waits for the next sign of life. */
  #listen(): void {
    this.#silence?.stop();
    const { silenceMs = SILENCE_MS } = this.#options;
    this.#silence = new Patience(silenceMs, () => {
      this.#death ??= { type: 'died', how: `gave no sign of life for ${silenceMs / 1000} s` };
      this.#child.kill('SIGKILL');
    });
  }

  async #outlived(): Promise<void> {
    const child = this.#child;
    // What it said last may come after its end.
    const drained = once(child, 'disconnect');
    const how = await new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(endOf(code, signal)));
      child.on('error', (error) => child.pid === undefined && resolve(`could not be started: ${error.message}`));
    });
    if (child.connected) await drained;
    this.#silence?.stop();
    this.#death ??= { type: 'died', how };
    this.#settle(this.#death);
  }

  #settle(answer: FromJob | Death): void {
    const request = this.#request;
    this.#request = undefined;
    request?.resolve(answer);
  }
}

/** Out of reach of the terminal's Ctrl-C, of which this process tells it; and the kernel ends it with this one. */
function started(entry: URL): ChildProcess {
  const [execPath = '', ...execArgv] = [...parentWatch(), process.execPath, ...sourcesWith(entry)];
  return fork(entry, {
    execPath,
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
}

/** Node 20 cannot load TypeScript. */
const sourcesWith = ({ pathname }: URL): string[] =>
  pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `ended with exit code ${code}`;
  const why = signal === 'SIGBUS' ? ': memory that the driver shares was not there' : '';
  return `was ended by ${signal}${why}`;
}

function errorOf(answer: FromJob): Error {
  if (answer.type === 'refused') {
    const { sentence, exitCode, hint } = answer;
    return new HarnessError(sentence, { exitCode, ...(hint !== undefined && { hint }) });
  }
  if (answer.type === 'failed') return Object.assign(new Error('a job failed'), { stack: answer.stack });
  return new Error(`assertion: a job answered ${answer.type}`);
}
