/** What a user is told when a command cannot do its work. */
import { LogError } from '../../reports/record/log-error.ts';
import { machineTrouble } from '../../reports/words/system-reason.ts';
import { type ExitCode, HarnessError } from '../harness-error.ts';
import { exitCodeOf } from './stopped-run.ts';
import type { Terminal } from './terminal.ts';

/** What a user can put right is said in a sentence; only our own mistakes show a stack. Gives the exit code. */
export function complain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof HarnessError) {
    terminal.note(`viommuspec: ${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`);
    return error.exitCode;
  }
  const trouble = machineTrouble(error);
  if (error instanceof LogError) terminal.note(`viommuspec: ${error.message}`);
  else if (trouble !== undefined) {
    terminal.note(
      `viommuspec: The machine refuses: ${trouble}.\n  TMPDIR and XDG_CACHE_HOME name folders that have room.`,
    );
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    terminal.note(`viommuspec: an error of its own. ${stack}`);
  }
  return exitCodeOf(error);
}
