/** `viommuspec bisect-step`: one step of `git bisect run`, which reads the exit code alone. */
import type { Case } from '../../cases/api/define-case.ts';
import { REQUIREMENTS } from '../../cases/requirements/index.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import { BISECT, EXIT, HarnessError } from '../harness-error.ts';
import { chosenVariants } from '../runner/plan.ts';
import { matchesGlob } from '../scoring/expectations.ts';
import { type BisectQuestion, stepAnswer } from './bisect-step.ts';
import { onlyColumn } from './columns.ts';
import { complain } from './complaint.ts';
import { DRIVER_OPTIONS } from './drivers.ts';
import { readLog } from './given-log.ts';
import type { Given, OptionName } from './options.ts';
import { DEFAULT_FOLDER } from './output-folder.ts';
import { runCommand } from './run-command.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';

const RUN_ALIKE: readonly OptionName[] = [
  ...DRIVER_OPTIONS,
  'case',
  'out',
  'format',
  'seed',
  'profile',
  'spec',
  'expect',
];

export const BISECT_OPTIONS: readonly OptionName[] = [...RUN_ALIKE, 'requirement'];

const CODES = { good: BISECT.good, bad: BISECT.bad, skip: BISECT.skip } as const;

/**
 * Plays what the question is about and resolves to the exit code that `git bisect run` wants. Rejects with a `HarnessError`
 * for a command line that means nothing, whatever commit is built; what fails after that says nothing of this commit.
 */
export async function bisectStepCommand(given: Given, terminal: Terminal): Promise<number> {
  const { cases } = soundCatalogue();
  const question = questionOf(given, cases);
  onlyColumn(given, 'bisect-step');
  try {
    const asked = withCases(given, casesFor(question, cases));
    const exitCode = await runCommand(asked, terminal, wordsOf(asked));
    if (exitCode === EXIT.interrupted) return exitCode;
  } catch (error) {
    const exitCode = complain(error, terminal);
    if (exitCode === EXIT.interrupted) return exitCode;
    terminal.print('SKIP. The driver was not run.\n');
    return BISECT.skip;
  }
  const { answer, says } = stepAnswer(readLog(given.text('out') ?? DEFAULT_FOLDER), question);
  terminal.print(`${answer.toUpperCase()}. ${says}\n`);
  return CODES[answer];
}

function questionOf(given: Given, catalogue: readonly Case[]): BisectQuestion {
  const cases = given.texts('case');
  const requirements = given.texts('requirement');
  if (cases.length + requirements.length === 0) {
    throw usage(
      'bisect-step needs --case or --requirement: what is asked of every commit.',
      'Name what a run of the bad commit has shown.',
    );
  }
  chosenVariants(catalogue, cases);
  const ids = REQUIREMENTS.map(({ id }) => id);
  const stranger = requirements.find((glob) => !ids.some((id) => matchesGlob(glob, id)));
  if (stranger === undefined) return { cases, requirements };
  throw usage(
    `No requirement matches '${stranger}'.`,
    didYouMean(stranger, ids) ?? 'viommuspec coverage lists sections and requirements.',
  );
}

/** Without --case, the cases that are about the requirements; all where only monitors judge one of them. */
function casesFor({ cases, requirements }: BisectQuestion, catalogue: readonly Case[]): readonly string[] {
  if (cases.length > 0) return cases;
  const about = (glob: string): Case[] => catalogue.filter((it) => it.requirements.some((id) => matchesGlob(glob, id)));
  const found = requirements.map(about);
  return found.some((some) => some.length === 0) ? [] : [...new Set(found.flat())].map(({ id }) => id);
}

const withCases = (given: Given, cases: readonly string[]): Given => ({
  ...given,
  texts: (name) => (name === 'case' ? cases : given.texts(name)),
});

/** What plays the same without the question. */
const wordsOf = (given: Given): string[] => [
  'run',
  ...RUN_ALIKE.flatMap((name) => [
    ...(given.flag(name) ? [`--${name}`] : []),
    ...given.texts(name).flatMap((text) => [`--${name}`, text]),
  ]),
];

const usage = (sentence: string, hint: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, hint });
