/** `viommuspec run`: scores a driver, and leaves the log and its reports in a folder. */
import { resolve } from 'node:path';
import type { Case } from '../../cases/api/define-case.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { ExitCode } from '../harness-error.ts';
import type { RunRecord } from '../results/model.ts';
import { allVariants, planRun } from '../runner/plan.ts';
import { run } from '../runner/run.ts';
import { ExpectationBook, inCatalogue, meantFor } from '../scoring/expectations.ts';
import { type ChosenDriver, chooseDriver, DRIVER_OPTIONS, quoted } from './drivers.ts';
import type { Given, OptionName } from './options.ts';
import { expectationsFor, type ListToUpdate, listToUpdate } from './expectation-files.ts';
import { interruptible } from './interruption.ts';
import { openLog } from './log-file.ts';
import { formatsOf, profileOf, revisionOf, shardOf, wholeNumber } from './option-values.ts';
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
];

/** Plays the catalogue in front of the chosen driver. Resolves to the exit code of DESIGN 7. */
export async function runCommand(given: Given, terminal: Terminal, typed: readonly string[]): Promise<ExitCode> {
  const { cases, monitors } = soundCatalogue();
  const seed = wholeNumber(given, 'seed', { byDefault: 1 });
  const plan = planRun(cases, { globs: given.texts('case'), seed, shuffle: given.flag('shuffle') });
  const shard = shardOf(given, plan.length);
  const revision = revisionOf(given);
  const profile = profileOf(given);
  const formats = formatsOf(given);
  const chosen = await chooseDriver(given, (line) => terminal.note(line));
  const expected = expectationsFor(given, chosen);
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
      ...(shard && { shard }),
      profile,
      revision,
      seed,
      expectations: ({ version }) =>
        new ExpectationBook(inCatalogue(meantFor({ profile, version }, expected), idsOf(cases))),
      command: ['viommuspec', ...withoutPlace(typed).map(quoted)].join(' '),
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
  const exitCode = showRun(record, { folder, formats }, terminal);
  if (list) updateList(list, record, profile, cases, terminal);
  return exitCode;
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
  readonly profile: ProfileName;
}

function repeatCommand(chosen: ChosenDriver, { id, seed, profile }: Repeated): string {
  const device = profile === 'spec' ? [] : ['--profile', profile];
  const words = ['npx viommuspec run', ...chosen.words, ...device, '--case', quoted(id)];
  return [...words, ...(seed === 1 ? [] : ['--seed', String(seed)])].join(' ');
}
