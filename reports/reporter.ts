import type { RunRecord } from './record/model.ts';

/** One way to show a run: a pure function, so that equal runs give equal bytes. */
export interface Reporter {
  /** Name of the file in the report directory. */
  readonly fileName: string;
  /** @param baseline the last run, if it is known: the headline says what changed */
  render(run: RunRecord, baseline?: RunRecord): string;
}
