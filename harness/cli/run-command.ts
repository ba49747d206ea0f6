/** `viommuspec run`: scores a driver, and leaves the log and its reports in a folder. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Case } from '../../cases/api/define-case.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { writeReports } from '../../reports/index.ts';
import { summary } from '../../reports/terminal/summary.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { EventLogWriter } from '../results/event-log.ts';
import type { RunRecord } from '../results/model.ts';
import { allVariants, planRun } from '../runner/plan.ts';
import { run } from '../runner/run.ts';
import { ExpectationBook } from '../scoring/expectations.ts';
import { type ChosenDriver, chooseDriver, DRIVER_OPTIONS, quoted } from './drivers.ts';
import type { Given, OptionName } from './options.ts';
import { expectationsFor, type ListToUpdate, listToUpdate } from './expectation-files.ts';
import { interruptible } from './interruption.ts';
import { profileOf, revisionOf, wholeNumber } from './option-values.ts';
import { ProgressObserver } from './progress-observer.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

export const RUN_OPTIONS: readonly OptionName[] = [
  ...DRIVER_OPTIONS,
  'case',
  'out',
  'seed',
  'shuffle',
  'profile',
  'spec',
  'expect',
  'update-expectations',
];

const LOG_NAME = 'results.ndjson';

/** Plays the catalogue in front of the chosen driver. Resolves to the exit code of DESIGN 7. */
export async function runCommand(given: Given, terminal: Terminal, typed: readonly string[]): Promise<ExitCode> {
  const { cases, monitors } = soundCatalogue();
  const seed = wholeNumber(given, 'seed', { byDefault: 1 });
  const plan = planRun(cases, { globs: given.texts('case'), seed, shuffle: given.flag('shuffle') });
  const revision = revisionOf(given);
  const profile = profileOf(given);
  const chosen = await chooseDriver(given, (line) => terminal.note(line));
  const expectations = new ExpectationBook(expectationsFor(given, chosen));
  const list = listToUpdate(given);
  const folder = resolve(given.text('out') ?? 'viommuspec-report');
  const log = openLog(folder);
  const progress = new ProgressObserver(terminal);
  const play = (signal: AbortSignal): Promise<unknown> =>
    run({
      driver: chosen.driver,
      driverFaults: chosen.faults,
      catalogue: cases,
      monitors,
      plan,
      profile,
      revision,
      seed,
      expectations,
      command: ['viommuspec', ...typed.map(quoted)].join(' '),
      repeat: (id) => repeatCommand(chosen, { id, seed, profile }),
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
  const record = log.record();
  showRun(record, folder, terminal);
  if (list) updateList(list, record, cases, terminal);
  return (record.footer?.exitCode ?? EXIT.incomplete) as ExitCode;
}

/** Renders every report from what the log says, which is all there is to know of a run. */
function showRun(record: RunRecord, folder: string, terminal: Terminal): void {
  writeReports(record, folder);
  const reportPath = join(folder, 'report.html');
  terminal.print(summary(record, { width: terminal.columns, colour: terminal.colour, reportPath }));
}

/** An interrupted run would leave a list that nobody asked for. */
function updateList(list: ListToUpdate, record: RunRecord, cases: readonly Case[], terminal: Terminal): void {
  if (record.footer?.interrupted !== false) return;
  const judged = record.cases.flatMap(({ judgement }) => (judgement ? [judgement] : []));
  terminal.note(
    list.update(
      judged,
      allVariants(cases).map(({ id }) => id),
    ),
  );
}

interface Repeated {
  readonly id: string;
  readonly seed: number;
  readonly profile: ProfileName;
}

function repeatCommand(chosen: ChosenDriver, { id, seed, profile }: Repeated): string {
  const device = profile === 'spec' ? [] : ['--profile', profile];
  const words = ['npx viommuspec run', ...chosen.words, ...device, '--case', quoted(id)];
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
