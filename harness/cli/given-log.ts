/** Logs that a command line names. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readEventLog } from '../../reports/record/event-log.ts';
import type { RunRecord } from '../../reports/record/model.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { LOG_NAME } from './log-file.ts';

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
