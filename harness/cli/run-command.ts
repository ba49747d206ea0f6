/** `viommuspec run`: scores a driver, and leaves the log and its reports in a folder. */
import { resolve } from 'node:path';
import type { Case } from '../../cases/api/define-case.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { wireText } from '../../reports/terminal/wire-text.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import type { RunRecord } from '../../reports/record/model.ts';
import { allVariants, planRun, type PlannedVariant } from '../runner/plan.ts';
import { run } from '../runner/run.ts';
import { ExpectationBook, inCatalogue, meantFor } from '../scoring/expectations.ts';
import { columnsOf } from './columns.ts';
import { type ChosenDriver, chooseDriver, DRIVER_OPTIONS, quoted } from './drivers.ts';
import type { Given, OptionName } from './options.ts';
import { expectationsFor, type ListToUpdate, listToUpdate } from './expectation-files.ts';
import { interruptible } from './interruption.ts';
import { openLog } from './log-file.ts';
import { type PlayColumn, playMatrix } from './matrix-run.ts';
import { formatsOf, revisionOf, shardOf, wholeNumber } from './option-values.ts';
import { ProgressObserver } from './progress-observer.ts';
import { showRun } from './show-run.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

export const RUN_OPTIONS: readonly OptionName[] = [
  ...DRIVER_OPTIONS,
  'case',
  'out',
  'format',
  'seed',
  'shuffle',
  'shard',
  'profile',
  'spec',
  'expect',
  'update-expectations',
  'debug-wire',
];

/** Plays the catalogue in front of every driver that the command line names. Resolves to the exit code (guides/exit-codes.md). */
export async function runCommand(given: Given, terminal: Terminal, typed: readonly string[]): Promise<ExitCode> {
  const columns = columnsOf(given);
  const play = readyToPlay(given, terminal, typed);
  const folder = resolve(given.text('out') ?? 'viommuspec-report');
  const [only, ...others] = columns;
  if (only && others.length === 0) return (await play(only, folder)).exitCode;
  if (given.text('update-expectations') !== undefined) {
    throw new HarnessError('--update-expectations takes one kernel and one configuration.', { exitCode: EXIT.usage });
  }
  return playMatrix(columns, folder, play, terminal);
}

/** Reads all that the runs of a command line have in common, and gives what plays one of them. */
function readyToPlay(given: Given, terminal: Terminal, typed: readonly string[]): PlayColumn {
  const { cases, monitors } = soundCatalogue();
  const seed = wholeNumber(given, 'seed', { byDefault: 1 });
  const planFor = (profile: ProfileName): PlannedVariant[] =>
    planRun(cases, { globs: given.texts('case'), seed, shuffle: given.flag('shuffle'), profile });
  const shard = shardOf(given, planFor('spec').length);
  const revision = revisionOf(given);
  const formats = formatsOf(given);
  const list = listToUpdate(given);
  return async (column, folder) => {
    const { profile } = column;
    const chosen = await chooseDriver(given, (line) => terminal.note(line), { column });
    const expected = expectationsFor(given, chosen);
    const log = openLog(folder);
    const progress = new ProgressObserver(terminal);
    const play = (signal: AbortSignal): Promise<unknown> =>
      run({
        driver: chosen.driver,
        driverFaults: chosen.faults,
        catalogue: cases,
        monitors,
        plan: planFor(profile),
        ...(shard && { shard }),
        profile,
        revision,
        seed,
        expectations: ({ version }) =>
          new ExpectationBook(inCatalogue(meantFor({ profile, version }, expected), idsOf(cases))),
        command: ['viommuspec', ...withoutPlace(typed).map(quoted)].join(' '),
        repeat: (id) => repeatCommand(chosen, given, { id, seed }),
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
    if (given.flag('debug-wire')) terminal.print(wireText(record.cases));
    const exitCode = showRun(record, { folder, formats }, terminal);
    if (list) updateList(list, record, profile, cases, terminal);
    return { record, exitCode };
  };
}

/** Which files a run leaves, and where, does not belong to what is run. */
function withoutPlace(typed: readonly string[]): string[] {
  return typed.filter(
    (word, index) => !/^--(out|format)(=|$)/.test(word) && !/^--(out|format)$/.test(typed[index - 1] ?? ''),
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
