import type { RunRecord } from '../harness/results/model.ts';

/** What a reporter is told beside the run. */
export interface ReportOptions {
  /** The command that repeats the whole run, if it is not the one in the log's header. */
  readonly command?: string;
}

/** One way to show a run: a pure function, so that equal runs give equal bytes. */
export interface Reporter {
  /** Name of the file in the report directory. */
  readonly fileName: string;
  render(run: RunRecord, options?: ReportOptions): string;
}
