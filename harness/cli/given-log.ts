/** Logs that a command line names, or that lie in a folder. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LOG_LIMITS, readEventLog } from '../../reports/record/event-log.ts';
import { readLines } from '../../reports/record/line-reader.ts';
import { LogError } from '../../reports/record/log-error.ts';
import { Header, type RunRecord } from '../../reports/record/model.ts';
import { jsonValue } from '../../reports/words/json-value.ts';
import { EXIT, HarnessError } from '../harness-error.ts';

/** Name of the log in the folder of a run. */
export const LOG_NAME = 'results.ndjson';

/** The path of the log that `word` names: itself, or the log of the run whose folder it is. Throws a `HarnessError`. */
export function logAt(word: string): string {
  if (!statSync(word, { throwIfNoEntry: false })?.isDirectory()) return word;
  const path = join(word, LOG_NAME);
  if (existsSync(path)) return path;
  throw new HarnessError(`The folder ${word} holds no ${LOG_NAME}.`, {
    exitCode: EXIT.usage,
    hint: 'run leaves its log in the folder that --out names, viommuspec-report by default.',
  });
}

/** The run whose log `word` names. Throws a `LogError` for a log that cannot be read, and what `logAt` throws. */
export const readLog = (word: string): RunRecord => readEventLog(logAt(word));

const Beginning = z.object({ column: Header.shape.column });

/** The column that the log at `path` is of; undefined if it is of none, or no log. */
export function columnOfLog(path: string): string | undefined {
  try {
    for (const { text = '' } of readLines(path, LOG_LIMITS)) {
      const read = jsonValue(text);
      return 'value' in read ? Beginning.safeParse(read.value).data?.column : undefined;
    }
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
  }
  return undefined;
}
