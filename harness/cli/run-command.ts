/** `viommuspec run`: scores a driver, and leaves the log and its reports in a folder. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { writeReports } from '../../reports/index.ts';
import { summary } from '../../reports/terminal/summary.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { EventLogWriter, readEventLog } from '../results/event-log.ts';
import { planRun } from '../runner/plan.ts';
import { run } from '../runner/run.ts';
import { ExpectationBook, type Expectation, parseExpectations } from '../scoring/expectations.ts';
import { type ChosenDriver, chooseDriver, DRIVER_OPTIONS, quoted } from './drivers.ts';
import type { Given, OptionName } from './options.ts';
import { interruptible } from './interruption.ts';
import { revisionOf, wholeNumber } from './option-values.ts';
import { ProgressObserver } from './progress-observer.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

export const RUN_OPTIONS: readonly OptionName[] = [
  ...DRIVER_OPTIONS,
  'case',
  'out',
  'seed',
  'shuffle',
  'spec',
  'expect',
];

const LOG_NAME = 'results.ndjson';

/** Plays the catalogue in front of the chosen driver. Resolves to the exit code of DESIGN 7. */
export async function runCommand(given: Given, terminal: Terminal, typed: readonly string[]): Promise<ExitCode> {
  const seed = wholeNumber(given, 'seed', { byDefault: 1 });
  const plan = planRun(CASES, { globs: given.texts('case'), seed, shuffle: given.flag('shuffle') });
  const revision = revisionOf(given);
  const chosen = await chooseDriver(given, (line) => terminal.note(line));
  const expectations = new ExpectationBook(expectationsFor(given, chosen));
  const folder = resolve(given.text('out') ?? 'viommuspec-report');
  const log = openLog(folder);
  const progress = new ProgressObserver(terminal);
  const play = (signal: AbortSignal): Promise<unknown> =>
    run({
      driver: chosen.driver,
      driverFaults: chosen.faults,
      catalogue: CASES,
      monitors: MONITORS,
      plan,
      revision,
      seed,
      expectations,
      command: ['viommuspec', ...typed.map(quoted)].join(' '),
      repeat: (id) => repeatCommand(chosen, id, seed),
      tool: TOOL,
      log: (event) => log.append(event),
      observer: progress,
      signal,
    });
  try {
    await interruptible(play);
  } finally {
    progress.end();
    log.close();
  }
  return showRun(folder, terminal);
}

/** Renders every report from the log, which is all there is to know of a run. */
function showRun(folder: string, terminal: Terminal): ExitCode {
  const record = readEventLog(join(folder, LOG_NAME));
  writeReports(record, folder);
  const reportPath = join(folder, 'report.html');
  terminal.print(summary(record, { width: terminal.columns, colour: terminal.colour, reportPath }));
  return (record.footer?.exitCode ?? EXIT.incomplete) as ExitCode;
}

function repeatCommand(chosen: ChosenDriver, id: string, seed: number): string {
  const words = ['npx viommuspec run', ...chosen.words, '--case', quoted(id)];
  return [...words, ...(seed === 1 ? [] : ['--seed', String(seed)])].join(' ');
}

function openLog(folder: string): EventLogWriter {
  try {
    mkdirSync(folder, { recursive: true });
    return new EventLogWriter(join(folder, LOG_NAME));
  } catch (error) {
    throw new HarnessError(
      `The folder ${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      {
        exitCode: EXIT.usage,
        hint: '--out names another folder.',
        cause: error,
      },
    );
  }
}

/** The list given with `--expect`, else the project's own for the stock kernels. */
function expectationsFor(given: Given, chosen: ChosenDriver): readonly Expectation[] {
  const named = given.text('expect');
  const path = named ?? (chosen.kind === 'linux' ? OWN_LINUX_LIST : undefined);
  if (path === undefined) return [];
  try {
    return parseExpectations(readFileSync(path, 'utf8'), named ?? 'expected-failures.txt');
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(`The list of expected failures ${path} cannot be read.`, {
      exitCode: EXIT.usage,
      cause: error,
    });
  }
}

/** The list lies beside the sources, which a build does not copy. */
const OWN_LINUX_LIST = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts')
      ? '../linux-guest/expected-failures.txt'
      : '../../../harness/linux-guest/expected-failures.txt',
    import.meta.url,
  ),
);
