/** The program `viommuspec`, wherever it writes. */
import { EXIT, HarnessError } from '../harness-error.ts';
import { LogError } from '../../reports/record/log-error.ts';
import { COMMANDS, helpFor, overview } from './commands.ts';
import { readOptions } from './options.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

/** Carries out the command line `args`. Resolves to the exit code, and never rejects. */
export async function program(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    return complain(error, terminal);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === 'help') {
    terminal.print(overview());
    return name === undefined ? EXIT.usage : EXIT.asExpected;
  }
  if (name === '--version') {
    terminal.print(`${TOOL.name} ${TOOL.version}\n`);
    return EXIT.asExpected;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    throw new HarnessError(`There is no command '${name}'.`, {
      exitCode: EXIT.usage,
      hint: `There are ${Object.keys(COMMANDS).join(', ')}.`,
    });
  }
  const given = readOptions(rest, command.options, name);
  if (given.flag('help')) {
    terminal.print(helpFor(name, command));
    return EXIT.asExpected;
  }
  return command.run(given, terminal, args);
}

/** What a user can put right is said in a sentence; only our own mistakes show a stack. */
function complain(error: unknown, terminal: Terminal): number {
  if (error instanceof HarnessError) {
    terminal.note(`viommuspec: ${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`);
    return error.exitCode;
  }
  if (error instanceof LogError) {
    terminal.note(`viommuspec: ${error.message}`);
    return EXIT.usage;
  }
  terminal.note(
    `viommuspec: an error of its own. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return EXIT.harnessError;
}
