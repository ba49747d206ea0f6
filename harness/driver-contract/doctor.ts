/** Goes through the contract with a driver, step by step, for the author of a shim. */
import { machineOf } from '../../cases/api/default-machine.ts';
import { DOCTOR_STEPS, type DoctorStep } from './doctor-steps.ts';
import { progressIn } from './bring-up-progress.ts';
import { DriverGone, type DriverIdentity, type DriverSession, type DriverUnderTest } from './driver-session.ts';

/** What came of one step. `says` is a sentence; `hint` is what to do next, where anything is to be done. */
export interface Examination {
  readonly step: string;
  readonly ok: boolean;
  readonly says: string;
  readonly hint?: string;
  /** What the driver and the sockets had to say of a step that went wrong: the last lines. */
  readonly log?: string;
}

export interface DoctorOptions {
  /** Hears who is examined, once it takes commands. */
  readonly met?: (identity: DriverIdentity) => void;
}

/**
 * Examines `driver` and yields one result per step. Ends early when the driver has gone, and always ends the driver.
 * Rejects with a `HarnessError` only for what the driver is not to blame for.
 */
export async function* doctor(
  driver: DriverUnderTest,
  options: DoctorOptions = {},
): AsyncGenerator<Examination, void, undefined> {
  const opened = await open(driver);
  yield* opened.results;
  const session = opened.session;
  if (!session) return;
  options.met?.(session.identity);
  const topology = driver.homeTopology;
  let wroteLog = false;
  try {
    await session.machine.execute({ do: 'stage', setup: machineOf(topology === undefined ? {} : { topology }) });
    for (const step of DOCTOR_STEPS) {
      const { examination, gone } = await examine(step, session);
      const log = session.takeLog();
      wroteLog ||= log !== '';
      yield examination.ok || log === '' ? examination : { ...examination, log: lastLines(log) };
      if (gone) return;
    }
    yield logStep(wroteLog);
  } finally {
    await session.close();
  }
  yield endStep(session);
}

interface Opened {
  readonly session: DriverSession | undefined;
  readonly results: readonly Examination[];
}

async function open(driver: DriverUnderTest): Promise<Opened> {
  const starts = { step: 'starts', ok: true, says: 'The driver was started.' };
  const announces = 'announces a TAP 14 stream';
  try {
    const session = await driver.open({ topology: driver.homeTopology ?? 'plain' });
    return { session, results: [starts, { step: announces, ok: true, says: 'The driver takes commands.' }] };
  } catch (error) {
    if (!(error instanceof DriverGone)) throw error;
    const says = error.end.says;
    if (error.end.how === 'exited' || error.end.how === 'killed' || error.end.how === 'crashed') {
      const hint = 'Run the manifest’s command by hand in the manifest’s folder, and see why it ends.';
      return { session: undefined, results: [{ step: 'starts', ok: false, says, hint }] };
    }
    const hint = 'Print "TAP version 14" as the first line of stdout, and flush it; nothing else may go there before.';
    return { session: undefined, results: [starts, { step: announces, ok: false, says, hint }] };
  }
}

async function examine(step: DoctorStep, session: DriverSession): Promise<{ examination: Examination; gone: boolean }> {
  await session.machine.execute({ do: 'take-trace' });
  try {
    const result = await step.run(session);
    const examination = { step: step.step, ...(result.ok ? {} : { hint: step.hint }), ...result };
    return { examination: await withProgress(examination, step, session), gone: false };
  } catch (error) {
    if (!(error instanceof DriverGone)) throw error;
    const { how, says } = error.end;
    const examination = { step: step.step, ok: false, says, hint: GONE_HINTS[how] };
    return { examination: await withProgress(examination, step, session), gone: true };
  }
}

/** What the device saw of a step that went wrong says best what to do next. */
async function withProgress(examination: Examination, step: DoctorStep, session: DriverSession): Promise<Examination> {
  if (examination.ok || step.asksDevice !== true) return examination;
  const { trace = [] } = await session.machine.execute({ do: 'take-trace' });
  const progress = progressIn(trace);
  return progress ? { ...examination, says: `${examination.says} ${progress.came}`, hint: progress.next } : examination;
}

const LOG_LINES = 6;

const lastLines = (log: string): string => log.trimEnd().split('\n').slice(-LOG_LINES).join('\n');

const GONE_HINTS: Readonly<Record<DriverGone['end']['how'], string>> = {
  exited: 'A shim ends only when its stdin is closed; see its stderr for why it ended.',
  killed: 'Look for the signal’s cause, e.g. with a debugger or a core file.',
  crashed: 'The driver itself went down; its log has the details.',
  'crashed-elsewhere': 'The log below shows where it crashed.',
  'held-up': 'Try again when this machine has less to do.',
  silent: 'Answer every command with a test point and a YAML block, and flush stdout after each.',
  'broke-contract': 'Compare what the shim writes with "Commands and answers" in VERBS.md.',
};

function logStep(wroteLog: boolean): Examination {
  const says = wroteLog
    ? 'The driver writes a log.'
    : 'The driver wrote nothing to its log, so that reports will show none of its words; a shim’s log is its stderr.';
  return { step: 'has a log', ok: true, says };
}

function endStep(session: DriverSession): Examination {
  const step = 'ends when its stdin is closed';
  if (session.endedByItself === undefined)
    return { step, ok: true, says: 'The driver ended; it has no stdin of its own.' };
  return session.endedByItself
    ? { step, ok: true, says: 'The driver ended by itself.' }
    : {
        step,
        ok: false,
        says: 'The driver went on running after its stdin was closed, and was killed.',
        hint: 'Leave the loop that reads commands at the end of input, print the plan, and exit.',
      };
}
