/** Lets today's monitors judge the traces of an old log, and says what would come out otherwise. */
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { CaseRecord, Finding, RunRecord, Verdict } from '../../reports/record/model.ts';
import { TOPOLOGIES } from '../../reference-device/topology/topologies.ts';
import { Judgement } from './judgement.ts';
import { unloggedSetup, unloggedTrace } from './logged-trace.ts';
import { SeenTrace } from './seen-trace.ts';
import { watchersOf } from './watchers.ts';

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
): Judgement | string {
  const judgement = new Judgement();
  const { lazyUnmap = false, passthrough = false } = driver;
  try {
    const setup = unloggedSetup(started.setup);
    if (!setup) return 'The log does not say how the machine was set up.';
    // A log does not say in which form the driver was told; no monitor asks.
    const [description] = TOPOLOGIES[setup.topology].forms;
    const seen = new SeenTrace(unloggedTrace(trace), setup, { lazyUnmap, passthrough, description }, judgement);
    for (const monitor of watchersOf(setup.topology, monitors)) {
      judgement.by = `${MONITOR}${monitor.id}`;
      monitor.judge(seen);
    }
  } catch (error) {
    // A log can hold anything, and a monitor expects what a device writes.
    return `The trace cannot be judged: ${error instanceof Error ? error.message : String(error)}.`;
  }
  return judgement;
}

const keyOf = ({ requirement, by }: Finding): string => `${requirement} ${by}`;

function changeOf(
  { started }: CaseRecord,
  judged: NonNullable<CaseRecord['judgement']>,
  { findings }: Judgement,
): RejudgedCase | undefined {
  const own = judged.findings.filter(({ by }) => !by.startsWith(MONITOR));
  const old = judged.findings.filter(({ by }) => by.startsWith(MONITOR));
  const oldKeys = new Set(old.map(keyOf));
  const newKeys = new Set(findings.map(keyOf));
  const found = findings.filter((finding) => !oldKeys.has(keyOf(finding)));
  const gone = old.filter((finding) => !newKeys.has(keyOf(finding)));
  if (found.length === 0 && gone.length === 0) return undefined;
  const isExercised = judged.judged.some(({ requirement }) => started.requirements.includes(requirement));
  return {
    id: started.id,
    before: judged.verdict,
    after: verdictAfter(judged.verdict, [...own, ...findings], isExercised),
    found,
    gone,
  };
}

/** As a run would have it: the worst finding counts; without any, a case that judged nothing of its own is untested. */
function verdictAfter(before: Verdict, findings: readonly Finding[], isExercised: boolean): Verdict {
  if (before === 'error') return 'error';
  if (findings.some(({ verdict }) => verdict === 'fail')) return 'fail';
  if (findings.length > 0) return 'warn';
  return isExercised ? 'pass' : 'untested';
}
