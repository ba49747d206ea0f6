/** What a process does that plays: it answers one request after the other, until it is told to end or nobody is there to ask. */
import { HarnessError } from '../harness-error.ts';
import type { Job } from './job.ts';
import type { FromJob, JobDriver, ToJob } from './job-messages.ts';
import type { PlannedVariant } from './plan.ts';

export interface JobKit {
  /** Makes a job in this process. `tell` hears of long work, which `signal` ends. */
  readonly open: (driver: JobDriver, tell: (line: string) => void, signal: AbortSignal) => Promise<Job>;
  /** Throws for an id that names no variant. */
  readonly variant: (driver: JobDriver, id: string) => PlannedVariant;
}

const BEAT_MS = 1000;

/** Serves the process that has started this one, and ends this one. */
export function serveJob(kit: JobKit): void {
  const server = new JobServer(kit);
  process.on('message', (message: ToJob) => void server.hear(message));
  process.on('disconnect', () => void server.end());
  setInterval(() => say({ type: 'alive' }), BEAT_MS);
}

/** Who asked may be gone, of which `disconnect` tells. */
const say = (message: FromJob): void => void process.send?.(message, () => {});

class JobServer {
  readonly #kit: JobKit;
  readonly #ending = new AbortController();
  #opened: { readonly key: string; readonly job: Promise<Job> } | undefined;

  constructor(kit: JobKit) {
    this.#kit = kit;
  }

  async hear(message: ToJob): Promise<void> {
    if (message.type === 'close') return this.end();
    try {
      say(await this.#answer(message));
    } catch (error) {
      say(refusal(error));
    }
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#closeOpened();
    process.exit();
  }

  async #answer(message: Exclude<ToJob, { type: 'close' }>): Promise<FromJob> {
    const { driver } = message;
    const job = await this.#jobFor(driver);
    if (message.type === 'meet') {
      return { type: 'met', identity: await job.meet(message.described, message.seed) };
    }
    if (message.type === 'ask') {
      if (!job.ask) throw new Error('assertion: a job was asked a question that it does not know');
      return { type: 'answered', answer: await job.ask(message.question) };
    }
    const variant = this.#kit.variant(driver, message.id);
    if (!driver.isLogged) return { type: 'played', played: { ...(await job.play(variant)), trace: [] } };
    return { type: 'played', played: await job.play(variant, (setup) => say({ type: 'started', setup })) };
  }

  async #jobFor(driver: JobDriver): Promise<Job> {
    const key = JSON.stringify(driver);
    if (this.#opened?.key !== key) {
      await this.#closeOpened();
      const job = this.#kit.open(driver, (line) => say({ type: 'told', line }), this.#ending.signal);
      this.#opened = { key, job };
    }
    return this.#opened.job;
  }

  async #closeOpened(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    // What could not be opened was told to who asked for it.
    const job = await opened?.job.catch(() => undefined);
    await job?.close();
  }
}

function refusal(error: unknown): FromJob {
  if (error instanceof HarnessError) {
    return { type: 'refused', sentence: error.message, exitCode: error.exitCode, hint: error.hint };
  }
  return { type: 'failed', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
