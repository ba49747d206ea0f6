import { type FormatName, writeReports } from '../../reports/index.ts';
import { summary } from '../../reports/terminal/summary.ts';
import { EXIT, type ExitCode } from '../harness-error.ts';
import type { RunRecord } from '../../reports/record/model.ts';
import type { Terminal } from './terminal.ts';

/** Writes the reports of a run into `folder` and prints its summary. Answers with the run's own exit code. */
export function showRun(
  record: RunRecord,
  { folder, formats }: { readonly folder: string; readonly formats: readonly FormatName[] },
  terminal: Terminal,
): ExitCode {
  const paths = writeReports(record, folder, formats);
  const reportPath = paths.find((path) => path.endsWith('.html')) ?? paths[0];
  terminal.print(
    summary(record, {
      width: terminal.columns,
      colour: terminal.colour,
      ...(reportPath !== undefined && { reportPath }),
    }),
  );
  return (record.footer?.exitCode ?? EXIT.incomplete) as ExitCode;
}
