/** Lets today's monitors judge the traces of an old log, and says what would come out otherwise. */
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { CaseRecord, Finding, RunRecord, Verdict } from '../../reports/record/model.ts';
import { judgePlay, nothingToCheck, type Play } from './judge-play.ts';
import { unloggedSetup, unloggedTrace } from './logged-trace.ts';
import { type Unanswered, verdictOf } from './verdict.ts';

/** One variant that would be judged otherwise. */
export interface RejudgedCase {
  readonly id: string;
  readonly before: Verdict;
  readonly after: Verdict;
  /** Breaches that only today's monitors find, and those that they no longer find. */
  readonly found: readonly Finding[];
  readonly gone: readonly Finding[];
}

export interface Rejudgement {
  readonly changed: readonly RejudgedCase[];
  /** Variants whose traces were judged again. */
  readonly judgedCount: number;
  /** Variants that were not, with the reason as a sentence. Those without a trace are not among them. */
  readonly unjudged: readonly { readonly id: string; readonly says: string }[];
}

/** What a finding's `by` begins with if a monitor made it. */
const MONITOR = 'monitor ';

/** Judges every variant that left a trace. The verdicts of the cases themselves stand: they are about a play, not a log. */
export function rejudge(run: RunRecord, monitors: readonly Monitor[]): Rejudgement {
  const changed: RejudgedCase[] = [];
  const unjudged: { id: string; says: string }[] = [];
  let judgedCount = 0;
  for (const record of run.cases) {
    if (record.trace.length === 0 || !record.judgement) continue;
    const again = judgedAgain(run, record, monitors);
    if (typeof again === 'string') unjudged.push({ id: record.started.id, says: again });
    else {
      judgedCount++;
      const change = changeOf(record, record.judgement, again);
      if (change) changed.push(change);
    }
  }
  return { changed, judgedCount, unjudged };
}

/** What the monitors found, or a sentence that says why they could not. */
function judgedAgain(
  { header: { driver } }: RunRecord,
  { started, trace }: CaseRecord,
  monitors: readonly Monitor[],
): readonly Finding[] | string {
  const { lazyUnmap = false, passthrough = false, topologies = ALL_FORMS } = driver;
  const question = {
    id: started.case,
    requirements: [],
    survival: 'platform/robustness/survives',
    judge: () => {},
  } as const;
  if (trace.some(({ kind }) => kind === 'cut')) return 'The log does not hold the whole trace.';
  try {
    const setup = unloggedSetup(started.setup);
    if (!setup) return 'The log does not say how the machine was set up.';
    const traits = { lazyUnmap, passthrough, topologies, transports: [] };
    const play: Play = { trace: unloggedTrace(trace), setup, driver: traits, endings: [] };
    const { beside, error } = judgePlay(question, play, monitors);
    if (error === undefined) return beside.findings.filter(({ by }) => by.startsWith(MONITOR));
    return `The trace cannot be judged: ${error}.`;
  } catch (error) {
    // A log can hold anything, and a monitor expects what a device writes.
    return `The trace cannot be judged: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** What a driver reads of which its log says nothing. */
const ALL_FORMS = ['viot', 'device-tree'] as const;

const keyOf = ({ requirement, by }: Finding): string => `${requirement} ${by}`;

function changeOf(
  { started, trace }: CaseRecord,
  judged: NonNullable<CaseRecord['judgement']>,
  findings: readonly Finding[],
): RejudgedCase | undefined {
  const own = judged.findings.filter(({ by }) => !by.startsWith(MONITOR));
  const old = judged.findings.filter(({ by }) => by.startsWith(MONITOR));
  const oldKeys = new Set(old.map(keyOf));
  const newKeys = new Set(findings.map(keyOf));
  const found = findings.filter((finding) => !oldKeys.has(keyOf(finding)));
  const gone = old.filter((finding) => !newKeys.has(keyOf(finding)));
  if (found.length === 0 && gone.length === 0) return undefined;
  const { verdict } = verdictOf({
    error: judged.verdict === 'error' ? judged.says : undefined,
    findings: [...own, ...findings],
    unanswered: unansweredIn({ started, trace }, judged),
  });
  return { id: started.id, before: judged.verdict, after: verdict, found, gone };
}

/** Why the case's own question was open then; the play, and so what the case made of it, is the same. */
function unansweredIn(
  { started: { requirements }, trace }: Pick<CaseRecord, 'started' | 'trace'>,
  { verdict, says, unanswered, judged }: NonNullable<CaseRecord['judgement']>,
): Unanswered | undefined {
  if (verdict === 'untested' || verdict === 'not-applicable') return { verdict, says };
  if (unanswered !== undefined) return { verdict: 'untested', says: unanswered };
  const isExercised = judged.some(({ requirement }) => requirements.includes(requirement));
  return isExercised ? undefined : { verdict: 'untested', says: nothingToCheck(trace) };
}
