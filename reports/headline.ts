/**
 * The one line on a run, in the same words everywhere: what the driver breaks, how much was checked, and what changed. It speaks
 * of the driver; what the user's list expects is a matter of the exit code (`conclusionOf`).
 */
import { counted } from '../reference-device/counted.ts';
import { compareRuns, requirementStandings } from './comparison.ts';
import { requirementsOf } from './record/applicability.ts';
import type { RunRecord } from './record/model.ts';
import { casesByOutcome, crashes, incompleteness, isIdle } from './run-view.ts';
import { brokenWords, type Obligation, type ObligationCounts, obligationOf } from './words/obligation.ts';

export interface Headline {
  /** `bad`: a MUST or a platform rule is broken, or nothing can be said; `warn`: something advised is not followed. */
  readonly tone: 'good' | 'warn' | 'bad';
  /** `1 specification MUST and 4 platform rules broken`, or why nothing can be said. */
  readonly broken: string;
  /** `the driver crashes, hangs or does not recover in 16 variants`; undefined where it never does. */
  readonly crashed: string | undefined;
  /** `82 of 111 MUSTs checked, 29 not`; undefined where there was nothing to check. */
  readonly checked: string | undefined;
  /** `1 newly broken, 2 fixed since the last run`; undefined without a last run. */
  readonly since: string | undefined;
}

/** @param baseline the last run, if it is known */
export function headlineOf(run: RunRecord, baseline?: RunRecord): Headline {
  const counts = brokenCounts(run);
  const crashCount = run.cases.filter(crashes).length;
  const nothing = nothingToSay(run);
  const isBad = nothing !== undefined || counts.must + counts.rule + crashCount + unexplainedCount(run) > 0;
  const isMissed = counts.should + counts.advice > 0;
  return {
    tone: isBad ? 'bad' : isMissed ? 'warn' : 'good',
    broken: [...(nothing === undefined ? [] : [nothing]), ...said(run, counts, nothing)].join(' '),
    crashed:
      crashCount > 0 ? `the driver crashes, hangs or does not recover in ${counted(crashCount, 'variant')}` : undefined,
    checked: checkedWords(run),
    since: baseline && sinceWords(baseline, run),
  };
}

/** The headline in one line. */
export const headlineText = ({ broken, crashed, checked, since }: Headline): string =>
  [broken, crashed, checked, since].filter((part) => part !== undefined).join(' · ');

/** Requirements that the run found broken, whatever was expected of it. */
export function brokenCounts(run: RunRecord): ObligationCounts {
  const counts: Record<Obligation, number> = { must: 0, rule: 0, should: 0, advice: 0 };
  const standings = requirementStandings(run);
  for (const row of requirementsOf(run)) if (standings.get(row.id) === 'broken') counts[obligationOf(row)]++;
  return counts;
}

/** MUSTs of the specification that bind the driver, and those of them that were judged. */
export function checkedMusts(run: RunRecord): { readonly checked: number; readonly all: number } {
  const standings = requirementStandings(run);
  const musts = requirementsOf(run).filter((row) => obligationOf(row) === 'must');
  const of = musts.map(({ id }) => standings.get(id)).filter((standing) => standing !== 'not-applicable');
  return { checked: of.filter((standing) => standing !== 'not-exercised').length, all: of.length };
}

function checkedWords(run: RunRecord): string | undefined {
  const { checked, all } = checkedMusts(run);
  if (all === 0) return undefined;
  return checked === all ? `all ${all} MUSTs checked` : `${checked} of ${all} MUSTs checked, ${all - checked} not`;
}

/** Why the figures do not speak of the driver alone, a sentence. */
function nothingToSay(run: RunRecord): string | undefined {
  const incomplete = incompleteness(run);
  if (incomplete !== undefined) return `INCOMPLETE. ${incomplete}`;
  const errors = casesByOutcome(run).get('error')?.length ?? 0;
  if (errors > 0) return `The harness itself went wrong in ${counted(errors, 'variant')}.`;
  if (run.cases.length === 0) return 'Nothing was run.';
  return isIdle(run) ? 'Nothing was exercised: this run says nothing of the driver.' : undefined;
}

/** Of a run that cannot tell all, what it has found all the same. */
function said(run: RunRecord, counts: ObligationCounts, nothing: string | undefined): string[] {
  const isAny = Object.values(counts).some((count) => count > 0);
  if (nothing !== undefined && !isAny) return [];
  const failed = unexplainedCount(run);
  const words = brokenWords(counts);
  return [failed > 0 ? `${words}; ${counted(failed, 'variant')} failed for another reason` : words];
}

/** Failures that broke no requirement of the set. */
function unexplainedCount({ cases }: RunRecord): number {
  return cases.filter(({ judgement }) => judgement?.verdict === 'fail' && judgement.findings.length === 0).length;
}

function sinceWords(baseline: RunRecord, run: RunRecord): string {
  const { requirements } = compareRuns(baseline, run);
  const count = (...changes: readonly string[]): number =>
    requirements.filter(({ change }) => changes.includes(change)).length;
  const broken = count('new-failure', 'new-warning');
  const fixed = count('fixed');
  if (broken + fixed === 0) return 'nothing newly broken or fixed since the last run';
  return `${broken} newly broken, ${fixed} fixed since the last run`;
}
