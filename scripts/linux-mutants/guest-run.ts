/** One run of the built tool in front of a module, and what it found. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { HarnessError } from '../../harness/harness-error.ts';
import { readEventLog } from '../../reports/record/event-log.ts';
import { LogError } from '../../reports/record/log-error.ts';
import type { RunRecord } from '../../reports/record/model.ts';

const TOOL = fileURLToPath(new URL('../../dist/harness/cli/main.js', import.meta.url));

export interface GuestRun {
  /** A suite whose kernel the mirror has. */
  readonly kernel: string;
  readonly module: string;
  readonly cases: readonly string[];
  /** Where the log and the reports go. */
  readonly folder: string;
  readonly configuration?: string;
  /** Whether it is one step of a bisection, and which requirements that is about. */
  readonly bisect?: { readonly requirements: readonly string[] };
}

/** The words of the command line that plays `run`. */
function wordsOf({ kernel, module, cases, folder, configuration, bisect }: GuestRun): string[] {
  return [
    ...(bisect ? ['bisect-step', ...bisect.requirements.flatMap((glob) => ['--requirement', glob])] : ['run']),
    '--kernel',
    kernel,
    '--module',
    module,
    '--out',
    folder,
    ...(configuration === undefined ? [] : ['--configuration', configuration]),
    ...cases.flatMap((glob) => ['--case', glob]),
  ];
}

/** Plays `run` in front of the user's eyes; gives the tool's exit code. */
export async function showRun(run: GuestRun): Promise<number> {
  requireTool();
  const { exitCode } = await execa(process.execPath, [TOOL, ...wordsOf(run)], {
    stdio: 'inherit',
    reject: false,
  });
  return exitCode ?? 1;
}

/** Plays `run` in silence; gives its record. Throws a `HarnessError` with what the tool said if there is none. */
export async function recordOf(run: GuestRun): Promise<RunRecord> {
  requireTool();
  const result = await execa(process.execPath, [TOOL, ...wordsOf(run)], { reject: false, all: true });
  const record = logIn(run.folder);
  if (record?.footer) return record;
  throw new HarnessError(`${run.module} was not scored: ${(result.all ?? '').slice(0, 1000)}`);
}

/** Undefined if the run did not come as far as to write one. */
function logIn(folder: string): RunRecord | undefined {
  try {
    return readEventLog(join(folder, 'results.ndjson'));
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}

function requireTool(): void {
  if (!existsSync(TOOL)) throw new HarnessError('The tool is not built.', { hint: 'npm run build' });
}
