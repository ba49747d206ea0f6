/** `viommuspec merge`: the shards of a run become one log with its reports. */
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { eventsOf } from '../../reports/record/assemble.ts';
import { EmptyLogError } from '../../reports/record/log-error.ts';
import { mergeShards, type NamedRun, wholeHeader } from '../scoring/merge.ts';
import { logAt, LOG_NAME, readLog } from './given-log.ts';
import { interruptible } from './interruption.ts';
import { formatsOf } from './option-values.ts';
import type { Given } from './options.ts';
import { DEFAULT_FOLDER, inFolder, type OutputFolder } from './output-folder.ts';
import { showRun } from './show-run.ts';
import { knownOf, recorded } from './stopped-run.ts';
import type { Terminal } from './terminal.ts';

/** Reads every log before it removes or writes anything, and answers as one run would have. */
export async function mergeCommand(given: Given, terminal: Terminal, typed: readonly string[]): Promise<ExitCode> {
  if (given.words.length === 0) {
    throw new HarnessError('merge needs the logs of the shards.', { exitCode: EXIT.usage });
  }
  return interruptible((signal) =>
    inFolder(given.text('out') ?? DEFAULT_FOLDER, async (folder) => {
      refuseToReplace(folder, given.words);
      const shards = readShards(given.words);
      folder.clear(given.words.map(placeOf));
      const known = knownOf(given, ['viommuspec', ...typed].join(' '), signal);
      const first = shards.runs[0]?.run.header;
      const header = first ? wholeHeader(first) : { ...known.header, plan: [] };
      return recorded(folder, { ...known, header }, async () => {
        if (shards.error !== undefined) throw shards.error;
        const record = mergeShards(shards.runs, shards.empty);
        for (const event of eventsOf(record)) folder.log.append(event);
        return showRun(record, { folder, formats: formatsOf(given) }, terminal);
      });
    }),
  );
}

function refuseToReplace(folder: OutputFolder, words: readonly string[]): void {
  if (!words.some((word) => placeOf(word) === placeOf(join(folder.path, LOG_NAME)))) return;
  throw new HarnessError(`The merged log would replace one of the shards, in ${folder.path}.`, {
    exitCode: EXIT.usage,
    hint: '--out names another folder.',
  });
}

/** Where the log that `word` names really lies, or would lie. */
function placeOf(word: string): string {
  try {
    return realpathSync(logAt(word));
  } catch {
    return resolve(word);
  }
}

interface Shards {
  readonly runs: readonly NamedRun[];
  /** Names of logs in which nothing stands. */
  readonly empty: readonly string[];
  /** Why one of them cannot be read. */
  readonly error?: unknown;
}

function readShards(words: readonly string[]): Shards {
  const runs: NamedRun[] = [];
  const empty: string[] = [];
  for (const name of words) {
    try {
      runs.push({ name, run: readLog(name) });
    } catch (error) {
      if (!(error instanceof EmptyLogError)) return { runs, empty, error };
      empty.push(name);
    }
  }
  return { runs, empty };
}
