/** `viommuspec report <log>`: renders the reports of an old run again. */
import { dirname, resolve } from 'node:path';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { readEventLog } from '../results/event-log.ts';
import { formatsOf } from './option-values.ts';
import type { Given } from './options.ts';
import { showRun } from './show-run.ts';
import type { Terminal } from './terminal.ts';

/** Writes the reports beside the log, or to `--out`; answers with the run's own exit code. */
export function reportCommand(given: Given, terminal: Terminal): ExitCode {
  const [path] = given.words;
  if (path === undefined) {
    throw new HarnessError('report needs the path of an event log, such as viommuspec-report/results.ndjson.', {
      exitCode: EXIT.usage,
    });
  }
  const formats = formatsOf(given);
  const record = readEventLog(path);
  const folder = resolve(given.text('out') ?? dirname(path));
  return showRun(record, { folder, formats }, terminal);
}
