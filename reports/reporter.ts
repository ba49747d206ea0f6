import type { RunRecord } from './record/model.ts';

/** One way to show a run: a pure function, so that equal runs give equal bytes. */
export interface Reporter {
  /** Name of the file in the report directory. */
  readonly fileName: string;
  render(run: RunRecord): string;
}
