/** `viommuspec verify`: repeats every case, shuffled, and fails on a verdict that changes. */
import { EXIT, type ExitCode } from '../harness-error.ts';
import { chosenVariants } from '../runner/plan.ts';
import { type ChangedVariant, verify, type VerifyResult } from '../runner/verify.ts';
import { type ChosenDriver, chooseDriver, DRIVER_OPTIONS, quoted } from './drivers.ts';
import { interruptible } from './interruption.ts';
import { jobsFor } from './jobs.ts';
import { wholeNumber } from './option-values.ts';
import type { Given, OptionName } from './options.ts';
import { counted } from '../../reference-device/counted.ts';
import { ProgressObserver } from './progress-observer.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

export const VERIFY_OPTIONS: readonly OptionName[] = [...DRIVER_OPTIONS, 'case', 'times', 'seed', 'jobs'];

/** Prints every variant whose verdict changed, with the rounds and the command that repeats one of them. */
export async function verifyCommand(given: Given, terminal: Terminal): Promise<ExitCode> {
  const { cases, monitors } = soundCatalogue();
  const times = wholeNumber(given, 'times', { byDefault: 3, least: 2, most: 1000 });
  const seed = wholeNumber(given, 'seed', { byDefault: 1 });
  const globs = given.texts('case');
  const chosen = await chooseDriver(given, (line) => terminal.note(line), { command: 'verify' });
  const progress = new ProgressObserver(terminal);
  const variantCount = chosenVariants(cases, globs).length;
  return interruptible(async (signal) => {
    const result = await verify({
      driver: chosen.driver,
      jobs: jobsFor(given, chosen, {
        profile: chosen.profile,
        monitors,
        variantCount,
        isLogged: false,
        tell: (line) => terminal.note(line),
      }),
      driverFaults: chosen.faults,
      catalogue: cases,
      monitors,
      profile: chosen.profile,
      globs,
      times,
      seed,
      tool: TOOL,
      observer: {
        roundStarted: (round, roundSeed) => {
          progress.end();
          terminal.note(`Round ${round} of ${times}, seed ${roundSeed}.`);
        },
        started: (total, identity) => progress.started(total, identity),
        caseStarted: (id) => progress.caseStarted(id),
        caseJudged: (judged) => progress.caseJudged(judged),
      },
      signal,
    }).finally(() => progress.end());
    terminal.print(verifyText(result, (roundSeed) => repeatCommand(chosen, globs, roundSeed)));
    return exitCodeOf(result, signal.aborted);
  });
}

/** A round is repeated whole: what comes before a case may be what changes its verdict. */
function repeatCommand(chosen: ChosenDriver, globs: readonly string[], seed: number): string {
  const cases = globs.flatMap((glob) => ['--case', quoted(glob)]);
  return ['npx viommuspec run', ...chosen.words, ...cases, '--shuffle', '--seed', String(seed)].join(' ');
}

/** What a user is told; `repeat` gives the command that plays the round with this seed again. */
export function verifyText(
  { rounds, changed, errors, isComplete }: VerifyResult,
  repeat: (seed: number) => string,
): string {
  const variantCount = Math.max(0, ...rounds.map(({ outcomes }) => outcomes.size));
  return [
    ...changed.map((it) => textOfChange(it, (round) => repeat(rounds[round - 1]?.seed ?? 0))),
    ...errors.map((sentence) => `ERROR  ${sentence}\n`),
    ...(isComplete ? [] : ['Not every round came to its end.\n']),
    `${counted(rounds.length, 'round')} of ${counted(variantCount, 'variant')}: ` +
      `${changed.length === 0 ? 'no verdict' : counted(changed.length, 'verdict')} changed.\n`,
  ].join('');
}

function textOfChange({ id, groups }: ChangedVariant, repeat: (round: number) => string): string {
  const lines = groups.map(({ rounds, outcome }) => {
    const broken = outcome.broken.length === 0 ? '' : `, breaks ${outcome.broken.join(', ')}`;
    return `  ${rounds.length === 1 ? 'round' : 'rounds'} ${rounds.join(', ')}: ${outcome.verdict}${broken}\n`;
  });
  const [round = 1] = groups[1]?.rounds ?? [];
  return `CHANGES  ${id}\n${lines.join('')}  Repeat round ${round}: ${repeat(round)}\n`;
}

/** As for a run, the highest severity wins. */
function exitCodeOf({ changed, errors, isComplete }: VerifyResult, isInterrupted: boolean): ExitCode {
  if (isInterrupted) return EXIT.interrupted;
  if (errors.length > 0) return EXIT.harnessError;
  if (!isComplete) return EXIT.incomplete;
  return changed.length > 0 ? EXIT.unexpected : EXIT.asExpected;
}
