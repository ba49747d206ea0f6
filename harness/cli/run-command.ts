/** `viommuspec run`: scores a driver, and leaves the log and its reports in a folder. */
import type { Case } from '../../cases/api/define-case.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { wireText } from '../../reports/terminal/wire-text.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import type { LogEvent, RunRecord } from '../../reports/record/model.ts';
import { allVariants, planRun, type PlannedVariant } from '../runner/plan.ts';
import { run } from '../runner/run.ts';
import { type Expectation, ExpectationBook, inCatalogue, meantFor } from '../scoring/expectations.ts';
import { type Column, columnsOf } from './columns.ts';
import { type ChosenDriver, chooseDriver, DRIVER_OPTIONS, quoted } from './drivers.ts';
import type { Given, OptionName } from './options.ts';
import { expectationsFor, type ListToUpdate, listToUpdate } from './expectation-files.ts';
import { interruptible } from './interruption.ts';
import { folderName, type PlayColumn, playMatrix } from './matrix-run.ts';
import { formatsOf, kcidbOf, revisionOf, shardOf, wholeNumber } from './option-values.ts';
import { DEFAULT_FOLDER, inFolder, type OutputFolder } from './output-folder.ts';
import { jobsFor } from './jobs.ts';
import { ProgressObserver } from './progress-observer.ts';
import { showRun } from './show-run.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import { knownOf, recorded } from './stopped-run.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

export const RUN_OPTIONS: readonly OptionName[] = [
  ...DRIVER_OPTIONS,
  'case',
  'out',
  'format',
  'kcidb-origin',
  'kcidb-build',
  'seed',
  'shuffle',
  'quick',
  'jobs',
  'shard',
  'profile',
  'spec',
  'expect',
  'update-expectations',
  'debug-wire',
];

/** A command line that is carried out, until `signal` is aborted. */
interface Invocation {
  readonly given: Given;
  readonly terminal: Terminal;
  /** What plays it again. */
  readonly command: string;
  readonly signal: AbortSignal;
}

/**
 * Plays the catalogue in front of every driver that the command line names. Resolves to the exit code (guides/exit-codes.md). From
 * here on the folder speaks of this run alone, whatever becomes of it.
 */
export function runCommand(given: Given, terminal: Terminal, typed: readonly string[]): Promise<ExitCode> {
  const command = ['viommuspec', ...withoutPlace(typed).map(quoted)].join(' ');
  return interruptible((signal) => {
    const invocation = { given, terminal, command, signal };
    return inFolder(given.text('out') ?? DEFAULT_FOLDER, (folder) =>
      playRecorded(invocation, folder, undefined, () => playAll(invocation, folder)),
    );
  });
}

/** Plays into a folder in which nothing is left of earlier runs, and leaves it speaking of this one even if that fails. */
function playRecorded(
  { given, command, signal }: Invocation,
  folder: OutputFolder,
  column: Column | undefined,
  play: () => Promise<ExitCode>,
): Promise<ExitCode> {
  folder.clear();
  return recorded(folder, knownOf(given, command, signal, column && folderName(column)), play);
}

async function playAll(invocation: Invocation, folder: OutputFolder): Promise<ExitCode> {
  const { given, terminal } = invocation;
  const columns = columnsOf(given);
  if (given.text('kcidb-build') !== undefined && given.texts('kernel').length > 1) {
    throw new HarnessError('--kcidb-build is one build, and takes one kernel.', { exitCode: EXIT.usage });
  }
  const play = await readyToPlay(columns, invocation);
  const [only, ...others] = columns;
  if (only && others.length === 0) return play(only, folder);
  if (given.text('update-expectations') !== undefined) {
    throw new HarnessError('--update-expectations takes one kernel and one configuration.', { exitCode: EXIT.usage });
  }
  const playColumn: PlayColumn = (column, own) => playRecorded(invocation, own, column, () => play(column, own));
  return playMatrix(columns, folder, playColumn, terminal);
}

/** Reads all that the command line says before anything is played, and gives what plays a column of it. */
async function readyToPlay(columns: readonly Column[], invocation: Invocation): Promise<PlayColumn> {
  const { given, terminal, command, signal } = invocation;
  const { cases, monitors } = soundCatalogue();
  const seed = wholeNumber(given, 'seed', { byDefault: 1 });
  const planFor = (profile: ProfileName): PlannedVariant[] =>
    planRun(cases, { globs: given.texts('case'), seed, shuffle: given.flag('shuffle'), profile });
  const shard = shardOf(given, planFor('spec').length);
  const quick = given.flag('quick');
  const revision = revisionOf(given);
  const formats = formatsOf(given);
  const kcidb = kcidbOf(given);
  const list = listToUpdate(given);
  const drivers = await chosenDrivers(columns, invocation);
  return async (column, folder) => {
    const { profile } = column;
    const { chosen, expected } = drivers.get(column)!;
    const progress = new ProgressObserver(terminal);
    const plan = planFor(profile);
    try {
      await run({
        driver: chosen.driver,
        jobs: jobsFor(given, chosen, {
          profile,
          monitors,
          variantCount: plan.length,
          isLogged: true,
          tell: (line) => terminal.note(line),
        }),
        driverFaults: chosen.faults,
        catalogue: cases,
        monitors,
        plan,
        ...(shard && { shard }),
        quick,
        profile,
        revision,
        seed,
        expectations: ({ version }) =>
          new ExpectationBook(inCatalogue(meantFor({ profile, version }, expected), idsOf(cases))),
        command,
        repeat: (id) => repeatCommand(chosen, given, { id, seed }),
        tool: TOOL,
        log: (event) => folder.log.append(ofColumn(event, column, kcidb)),
        observer: progress,
        signal,
      });
    } finally {
      progress.end();
    }
    const record = folder.log.record();
    if (given.flag('debug-wire')) terminal.print(wireText(record.cases));
    const exitCode = showRun(record, { folder, formats }, terminal);
    if (list) updateList(list, record, profile, cases, terminal);
    return exitCode;
  };
}

interface DriverOfColumn {
  readonly chosen: ChosenDriver;
  readonly expected: readonly Expectation[];
}

async function chosenDrivers(
  columns: readonly Column[],
  { given, terminal, signal }: Invocation,
): Promise<ReadonlyMap<Column, DriverOfColumn>> {
  const tell = Object.assign((line: string) => terminal.note(line), { signal });
  const drivers = new Map<Column, DriverOfColumn>();
  for (const column of columns) {
    const chosen = await chooseDriver(given, tell, { column });
    drivers.set(column, { chosen, expected: expectationsFor(given, chosen) });
  }
  return drivers;
}

/** The header names the column, so that the next run into the same folder knows whose its folder was, and its build in KCIDB. */
function ofColumn(event: LogEvent, column: Column, kcidb: ReturnType<typeof kcidbOf>): LogEvent {
  if (event.event !== 'header') return event;
  return { ...event, ...(column.name !== '' && { column: folderName(column) }), ...kcidb };
}

/** Which files a run leaves, where, for whom, where packages come from, and how many play at once, does not belong to what is run. */
const PLACES = '--(out|format|mirror|jobs|kcidb-origin|kcidb-build)';

function withoutPlace(typed: readonly string[]): string[] {
  return typed.filter(
    (word, index) =>
      !new RegExp(`^${PLACES}(=|$)`).test(word) && !new RegExp(`^${PLACES}$`).test(typed[index - 1] ?? ''),
  );
}

/** An interrupted run would leave a list that nobody asked for. */
function updateList(
  list: ListToUpdate,
  record: RunRecord,
  profile: ProfileName,
  cases: readonly Case[],
  terminal: Terminal,
): void {
  if (record.footer?.interrupted !== false) return;
  const judged = record.cases.flatMap(({ judgement }) => (judgement ? [judgement] : []));
  terminal.note(list.update(judged, idsOf(cases), { profile, version: record.header.driver.version }));
}

const idsOf = (cases: readonly Case[]): string[] => allVariants(cases).map(({ id }) => id);

interface Repeated {
  readonly id: string;
  readonly seed: number;
}

/** A configuration that says what the device is like says it again by its name. */
function repeatCommand(chosen: ChosenDriver, given: Given, { id, seed }: Repeated): string {
  const profile = given.text('profile') ?? 'spec';
  const device = profile === 'spec' ? [] : ['--profile', profile];
  const words = ['npx viommuspec run', ...chosen.words, ...device, '--case', quoted(id)];
  return [...words, ...(seed === 1 ? [] : ['--seed', String(seed)])].join(' ');
}
