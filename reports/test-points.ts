/** A run as a list of test points, for formats that know nothing else. */
import type { CaseRecord, RunRecord } from './record/model.ts';
import {
  conclusionOf,
  incompleteness,
  isRedWithoutCause,
  neverStarted,
  type Outcome,
  outcomeOf,
  sentenceOf,
} from './run-view.ts';

export interface TestPoint {
  /** Of the variant, or what the point is about. */
  readonly id: string;
  /** `run` for what is about no variant. */
  readonly section: string;
  readonly outcome: Outcome;
  readonly says: string;
  /** The variant, if it was started. */
  readonly record?: CaseRecord;
}

/** The id of the point about no variant. */
export const WHOLE_RUN = 'the run as a whole';

/**
 * Every planned variant in the order of the log, then those that never started, then the run as a whole where it is
 * incomplete, or red for no single variant: no list of points is ever greener than the exit code.
 */
export function testPoints(run: RunRecord): TestPoint[] {
  const points: TestPoint[] = run.cases.map((record) => ({
    id: record.started.id,
    section: record.started.section,
    outcome: outcomeOf(record),
    says: sentenceOf(record),
    record,
  }));
  for (const id of neverStarted(run)) {
    points.push({
      id,
      section: id.split('/')[0] ?? 'run',
      outcome: 'unfinished',
      says: 'The run ended before this case.',
    });
  }
  const whole = { id: WHOLE_RUN, section: 'run' } as const;
  const incomplete = incompleteness(run);
  if (incomplete !== undefined) points.push({ ...whole, outcome: 'unfinished', says: `INCOMPLETE. ${incomplete}` });
  else if (isRedWithoutCause(run)) points.push({ ...whole, outcome: 'fail', says: conclusionOf(run).says });
  return points;
}
