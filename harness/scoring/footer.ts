/** The end of a log: counts, scores, what nobody expected, and the exit code. */
import { EXIT, type ExitCode } from '../harness-error.ts';
import type { CaseJudged, Footer, RequirementRow, Verdict } from '../../reports/record/model.ts';
import { boundRows } from '../../reports/record/applicability.ts';
import { scoresOf } from './score.ts';

/** What a footer is made of. */
export interface FooterFacts {
  readonly rows: readonly RequirementRow[];
  readonly judged: readonly CaseJudged[];
  /** What is wrong beside the cases: stale and unmatched expectations, missing shards. A sentence each. */
  readonly complaints: readonly string[];
  /** Variants that were to be judged here, judged or not. */
  readonly planned: readonly string[];
  readonly interrupted: boolean;
  /** A part of a run may exercise nothing, if the whole does. */
  readonly isShard: boolean;
  readonly durationMs: number;
}

/** Adds everything up. */
export function footerOf(facts: FooterFacts): Footer {
  const { rows, judged, complaints, planned, interrupted, isShard, durationMs } = facts;
  const done = new Set(judged.map(({ id }) => id));
  const notRun = planned.filter((id) => !done.has(id));
  const scores = scoresOf(boundRows(rows, judged), judged);
  const surprises = [
    ...judged
      .filter(({ verdict, expected }) => (verdict === 'fail' && !expected) || verdict === 'error')
      .map(({ id, says }) => `${id}: ${says}`),
    ...complaints,
  ];
  return {
    event: 'footer',
    counts: countVerdicts(judged),
    scores,
    surprises,
    interrupted,
    notRun,
    exitCode: exitCodeOf(judged, {
      isSurprising: surprises.length > 0,
      isIncomplete: notRun.length > 0,
      isIdle: judged.every(isIdle) && !isShard,
      interrupted,
    }),
    durationMs,
  };
}

/** That a driver is still there after it was asked for what it does not do says nothing of it. */
const isIdle = ({ verdict, judged }: CaseJudged): boolean =>
  (verdict === 'untested' || verdict === 'not-applicable') &&
  judged.every(({ requirement }) => requirement.startsWith('platform/robustness/survives'));

function countVerdicts(judged: readonly CaseJudged[]): Footer['counts'] {
  const counts: Record<Verdict, number> = { pass: 0, 'not-applicable': 0, untested: 0, warn: 0, fail: 0, error: 0 };
  for (const { verdict } of judged) counts[verdict]++;
  return counts;
}

/** The highest severity wins (guides/exit-codes.md): interrupted, harness error, incomplete, nothing exercised, unexpected. */
function exitCodeOf(
  judged: readonly CaseJudged[],
  run: { isSurprising: boolean; isIncomplete: boolean; isIdle: boolean; interrupted: boolean },
): ExitCode {
  if (run.interrupted) return EXIT.interrupted;
  if (judged.some(({ verdict }) => verdict === 'error')) return EXIT.harnessError;
  if (run.isIncomplete) return EXIT.incomplete;
  if (run.isIdle) return EXIT.nothingExercised;
  return run.isSurprising ? EXIT.unexpected : EXIT.asExpected;
}
