/** What one step of a bisection has shown of the question that it is about. */
import { counted } from '../../reference-device/counted.ts';
import { consequencesIn, rootsOf } from '../../reports/record/root-findings.ts';
import type { CaseJudged, CaseRecord, Finding, RunRecord } from '../../reports/record/model.ts';
import { matchesGlob } from '../scoring/expectations.ts';

/** What is asked of every step. At least one of the lists has an entry. */
export interface BisectQuestion {
  /** Globs of variants or cases; every case that was played if there are none. */
  readonly cases: readonly string[];
  /** Globs of requirements; whatever makes a case fail that nobody expected if there are none. */
  readonly requirements: readonly string[];
}

/** `skip`: nothing can be said. `says` is a sentence. */
export interface StepAnswer {
  readonly answer: 'good' | 'bad' | 'skip';
  readonly says: string;
}

const skip = (says: string): StepAnswer => ({ answer: 'skip', says });

/**
 * The answer of the run in `record`. A breach is told whatever became of the rest of the run; that all is well is told only
 * if the run came to its end, and every glob of the question was answered by something that was judged.
 */
export function stepAnswer(record: RunRecord, question: BisectQuestion): StepAnswer {
  const played = playedIn(record).filter((it) => isAsked(it, question.cases));
  const breach = played.map((it) => ({ it, finding: breachIn(it.judgement, question) })).find(({ finding }) => finding);
  if (breach?.finding) {
    const { requirement, says } = breach.finding;
    return { answer: 'bad', says: `${breach.it.started.id} breaks ${requirement}: ${says}` };
  }
  const { footer } = record;
  if (footer === undefined || footer.notRun.length > 0) return skip('The run is incomplete.');
  const failed = played.find(({ judgement }) => judgement.verdict === 'error');
  if (failed) return skip(`${failed.started.id} is an error of the harness: ${failed.judgement.says}`);
  const open = openGlob(record, played, question);
  return (
    open ?? { answer: 'good', says: `What was asked holds in ${counted(played.filter(isAnswered).length, 'variant')}.` }
  );
}

type Played = Pick<CaseRecord, 'started'> & { readonly judgement: CaseJudged };

/** A driver that never came up in front of a variant, as a kernel that did not boot, leaves no trace of it. */
const playedIn = ({ cases }: RunRecord): Played[] =>
  cases.flatMap(({ started, trace, judgement }) => (judgement && trace.length > 0 ? [{ started, judgement }] : []));

/** What was found beside a case's own question is no answer to it. */
const isAnswered = ({ judgement: { verdict, unanswered } }: Played): boolean =>
  unanswered === undefined && (verdict === 'pass' || verdict === 'warn' || verdict === 'fail');

const isNamedBy = ({ started }: Pick<CaseRecord, 'started'>, glob: string): boolean =>
  matchesGlob(glob, started.id) || matchesGlob(glob, started.case);

const isAsked = (it: Played, globs: readonly string[]): boolean =>
  globs.length === 0 || globs.some((glob) => isNamedBy(it, glob));

/** A requirement that is named is asked about even if a list expects its breach. */
function breachIn({ findings, verdict, expected }: CaseJudged, { requirements }: BisectQuestion): Finding | undefined {
  const roots = rootsOf(findings);
  if (requirements.length > 0) {
    return roots.find(({ requirement }) => requirements.some((glob) => matchesGlob(glob, requirement)));
  }
  return verdict === 'fail' && expected === undefined ? roots.find((it) => it.verdict === 'fail') : undefined;
}

/** The first glob to which the run has no answer. */
function openGlob(
  record: RunRecord,
  played: readonly Played[],
  { cases, requirements }: BisectQuestion,
): StepAnswer | undefined {
  for (const glob of cases) {
    const named = played.filter((it) => isNamedBy(it, glob));
    if (named.some(isAnswered)) continue;
    const why = record.cases.find((it) => isNamedBy(it, glob))?.judgement?.says;
    return skip(`No variant of ${glob} was judged${why === undefined ? '.' : `: ${why}`}`);
  }
  const held = new Set(played.flatMap(({ judgement }) => judgement.judged.map(({ requirement }) => requirement)));
  const open = requirements.find((glob) => ![...held].some((id) => matchesGlob(glob, id)));
  if (open !== undefined) return skip(`The requirement ${open} was not exercised.`);
  const hidden = played
    .flatMap(({ judgement }) => consequencesIn(judgement))
    .find(({ requirement }) => requirements.some((glob) => matchesGlob(glob, requirement)));
  return hidden && skip(`What breaks ${hidden.requirement} follows from a breach of ${hidden.follows?.requirement}.`);
}
