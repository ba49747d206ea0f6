import { type FormatName, renderReports } from '../../reports/index.ts';
import { summary } from '../../reports/terminal/summary.ts';
import { EXIT, type ExitCode } from '../harness-error.ts';
import type { RunRecord } from '../../reports/record/model.ts';
import type { OutputFolder } from './output-folder.ts';
import { previousRun } from './previous-run.ts';
import type { Terminal } from './terminal.ts';

export interface Shown {
  readonly folder: OutputFolder;
  readonly formats: readonly FormatName[];
  /** What stands in the place of some of the reports, by the names of their files. */
  readonly instead?: Readonly<Record<string, string>>;
  /** The last run, where it is not the one that the folder has kept. */
  readonly baseline?: RunRecord | undefined;
}

/** Writes the reports of a run into `folder` and prints its summary. Answers with the run's own exit code. */
export function showRun(
  record: RunRecord,
  { folder, formats, instead, baseline: given }: Shown,
  terminal: Terminal,
): ExitCode {
  const baseline = given ?? previousRun(folder.path, record.header);
  const paths = folder.write({ ...renderReports(record, formats, baseline), ...instead });
  const reportPath = paths.find((path) => path.endsWith('.html')) ?? paths[0];
  terminal.print(
    summary(record, {
      width: terminal.columns,
      colour: terminal.colour,
      ...(reportPath !== undefined && { reportPath }),
      ...(baseline && { baseline }),
    }),
  );
  return record.footer?.exitCode ?? EXIT.incomplete;
}
