import { join } from 'node:path';
import { writeReports } from '../../reports/index.ts';
import { summary } from '../../reports/terminal/summary.ts';
import { EXIT, type ExitCode } from '../harness-error.ts';
import type { RunRecord } from '../results/model.ts';
import type { Terminal } from './terminal.ts';

/** Writes the reports of a run into `folder` and prints its summary. Answers with the run's own exit code. */
export function showRun(record: RunRecord, folder: string, terminal: Terminal): ExitCode {
  writeReports(record, folder);
  const reportPath = join(folder, 'report.html');
  terminal.print(summary(record, { width: terminal.columns, colour: terminal.colour, reportPath }));
  return (record.footer?.exitCode ?? EXIT.incomplete) as ExitCode;
}
