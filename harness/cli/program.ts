/** The program `viommuspec`, wherever it writes. */
import { counted } from '../../reference-device/counted.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { COMMANDS, type CommandText, helpFor, overview } from './commands.ts';
import { complain } from './complaint.ts';
import { optionMeantBy } from './meant-option.ts';
import { readOptions } from './options.ts';
import { takeInCases } from './own-cases.ts';
import { staleBuild } from './stale-build.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

/** Carries out the command line `args`. Resolves to the exit code, and never rejects. */
export async function program(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    return failureOf(args, complain(error, terminal));
  }
}

/** How the command line `args` ends where it cannot do its work, by `exitCode` where that is the same for every command. */
export function failureOf([name = '']: readonly string[], exitCode: ExitCode): number {
  return (Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.failsWith : undefined) ?? exitCode;
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  switch (name) {
    case undefined:
      terminal.print(overview());
      return EXIT.usage;
    case '-h':
    case '--help':
    case 'help':
      terminal.print(helpOn(rest));
      return EXIT.asExpected;
    case '-v':
    case '--version':
      terminal.print(`${TOOL.name} ${TOOL.version}\n`);
      return EXIT.asExpected;
    default:
      return carryOut(name, args, terminal);
  }
}

function helpOn([name, surplus]: readonly string[]): string {
  if (name === undefined) return overview();
  if (surplus === undefined) return helpFor(name, commandNamed(name));
  throw usage(`help takes one command; '${surplus}' is one word too many.`, `viommuspec help ${name} says more of it.`);
}

async function carryOut(name: string, args: readonly string[], terminal: Terminal): Promise<number> {
  const command = commandNamed(name);
  const given = readOptions(args.slice(1), command.options, name);
  if (given.flag('help')) {
    terminal.print(helpFor(name, command));
    return EXIT.asExpected;
  }
  refuseSurplus(name, command, given.words);
  const stale = staleBuild();
  if (stale !== undefined) terminal.note(stale);
  await takeInCases(given);
  return command.run(given, terminal, args);
}

function commandNamed(name: string): CommandText {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command;
  const names = Object.keys(COMMANDS);
  throw usage(`There is no command '${name}'.`, didYouMean(name, names) ?? `There are ${names.join(', ')}.`);
}

/** A word that a command does not know of is no word to pass over: what was meant by it would be left out. */
function refuseSurplus(name: string, command: CommandText, words: readonly string[]): void {
  const most = command.words.includes('…') ? Infinity : command.words.split(' ').filter((word) => word !== '').length;
  const surplus = words[most];
  if (surplus === undefined) return;
  const sentence =
    most === 0
      ? `${name} takes options only; '${surplus}' is none, nor the value of one.`
      : `${name} takes ${counted(most, 'word')} beside its options; '${surplus}' is one too many.`;
  const meant = optionMeantBy(surplus, command.options);
  throw usage(
    sentence,
    meant === undefined ? `viommuspec ${name} --help says what it takes.` : `Did you mean ${meant}?`,
  );
}

const usage = (sentence: string, hint: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, hint });
