/** `viommuspec merge`: the shards of a run become one log with its reports. */
import { join, resolve } from 'node:path';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { eventsOf } from '../../reports/record/assemble.ts';
import { readEventLog } from '../../reports/record/event-log.ts';
import { mergeShards } from '../scoring/merge.ts';
import { LOG_NAME, openLog } from './log-file.ts';
import { formatsOf } from './option-values.ts';
import type { Given } from './options.ts';
import { showRun } from './show-run.ts';
import type { Terminal } from './terminal.ts';

/** Reads every log before it writes anything, and answers as one run would have. */
export function mergeCommand(given: Given, terminal: Terminal): ExitCode {
  if (given.words.length === 0) {
    throw new HarnessError('merge needs the logs of the shards.', { exitCode: EXIT.usage });
  }
  const formats = formatsOf(given);
  const folder = resolve(given.text('out') ?? 'viommuspec-report');
  if (given.words.some((path) => resolve(path) === join(folder, LOG_NAME))) {
    throw new HarnessError(`The merged log would replace one of the shards, in ${folder}.`, {
      exitCode: EXIT.usage,
      hint: '--out names another folder.',
    });
  }
  const record = mergeShards(given.words.map((path) => ({ name: path, run: readEventLog(path) })));
  const log = openLog(folder);
  for (const event of eventsOf(record)) log.append(event);
  log.close();
  return showRun(record, { folder, formats }, terminal);
}
