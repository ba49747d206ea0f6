/** Judges one play: lets the case and the monitors look at its trace. */
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { Seen } from '../../cases/api/vocabulary.ts';
import type { Doubt } from '../../cases/world/world.ts';
import { type RequirementId, requirement } from '../../cases/requirements/index.ts';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import { isExperimental } from '../../reference-device/topology/topologies.ts';
import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';
import type { EndpointJudged, Finding, Judged, Verdict } from '../../reports/record/model.ts';
import { Circumstances, type Traits } from './circumstances.ts';
import { Judgement, summed } from './judgement.ts';
import { Causes } from './root-cause.ts';
import { SeenTrace } from './seen-trace.ts';
import { type Unanswered, verdictOf } from './verdict.ts';

/** How `when` ended, if not by itself; `driver-lost`: the driver is gone, and not by its own fault. */
export interface Ending {
  readonly kind: 'refused' | 'verb-not-offered' | 'driver-gone' | 'driver-lost' | 'error';
  readonly says: string;
}

/** What was played, and in front of whom. */
export interface Play {
  readonly trace: readonly TraceEvent[];
  readonly setup: MachineSetup;
  readonly driver: Traits & { readonly passthrough?: boolean };
  readonly endings: readonly Ending[];
}

/** What is asked of the play. */
export interface Question {
  /** The case's id. */
  readonly id: string;
  readonly requirements: readonly RequirementId[];
  readonly survival: RequirementId;
  readonly judge: (seen: Seen) => void;
}

/** What one judge, or several, found and judged. */
export interface Judgings {
  readonly findings: readonly Finding[];
  readonly judged: readonly Judged[];
}

/** What came of a variant. */
export interface CaseResult {
  /** By the case itself. */
  readonly own: Judgings;
  /** By the monitors, and whether the driver lived through it. */
  readonly beside: Judgings;
  /** Of the drivers of endpoints, where somebody asked for them. */
  readonly endpoints?: readonly EndpointJudged[];
  readonly unanswered: Unanswered | undefined;
  /** The refusal that ended the steps, if one did. */
  readonly refused?: string | undefined;
  readonly error?: string | undefined;
  readonly uses: { readonly offered: readonly string[]; readonly taken: readonly string[] };
  readonly trace: readonly TraceEvent[];
  readonly driverLog: string;
}

const NOTHING: Judgings = { findings: [], judged: [] };

/** The result of a variant that was not played. */
export const unplayed = (outcome: Pick<CaseResult, 'unanswered' | 'error'>): CaseResult => ({
  own: NOTHING,
  beside: NOTHING,
  uses: { offered: [], taken: [] },
  trace: [],
  driverLog: '',
  ...outcome,
});

/** The result of a variant in front of which the driver could not be brought up, in whatever machine the variant has. */
export function neverCameUp(id: string, says: string): CaseResult {
  const judgement = new Judgement();
  judgement.by = id;
  judgement.check('platform/robustness/survives', false, undefined, `The driver did not come up: ${says}`);
  const { findings } = judgement;
  return { ...unplayed({ unanswered: undefined }), beside: { findings, judged: judgement.judged(findings) } };
}

/** All monitors, but none where the device is experimental: they know the specification, and not what others proposed. */
export const watchersOf = ({ topology }: MachineSetup, monitors: readonly Monitor[]): readonly Monitor[] =>
  isExperimental(topology) ? [] : monitors;

/** Lets the case and all monitors judge what was played. */
export function judgePlay(question: Question, play: Play, monitors: readonly Monitor[]): Omit<CaseResult, 'driverLog'> {
  const { trace, setup, driver, endings } = play;
  const circumstances = new Circumstances(trace, setup, driver);
  const own = new Judgement(circumstances);
  const beside = new Judgement(circumstances);
  const gone = endings.find(({ kind }) => kind === 'driver-gone');
  const errors = endings.filter(({ kind }) => kind === 'error').map(({ says }) => says);
  own.by = question.id;
  beside.by = question.id;
  if (!endings.some(({ kind }) => kind === 'driver-lost')) {
    beside.check(question.survival, gone === undefined, trace.at(-1), gone?.says ?? '');
  }
  const view = { lazyUnmap: driver.lazyUnmap, passthrough: driver.passthrough ?? false };
  const seenBy = (judgement: Judgement): SeenTrace => new SeenTrace(trace, setup, view, judgement);
  const attempt = (judgement: Judgement, judges: readonly Judge[], seen = seenBy(judgement)): void => {
    for (const { id, judge } of judges) {
      judgement.by = id;
      try {
        judge(seen);
      } catch (error) {
        errors.push(`${id} failed while judging: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  const ownView = seenBy(own);
  const judges = judgesOf(question, play, monitors);
  attempt(own, judges.own, ownView);
  attempt(beside, judges.beside);
  const causes = new Causes(trace, setup);
  const attributable = causes.attributable(own.findings);
  const findings = causes.explain([...attributable, ...beside.findings]);
  const judgings = {
    own: judgingsOf(own, findings.slice(0, attributable.length)),
    beside: judgingsOf(beside, findings.slice(attributable.length)),
  };
  const hollow = hollowStart(trace);
  const result = {
    ...judgings,
    unanswered: unansweredOf(question, {
      ...judgings,
      judgement: own,
      endings,
      hollow,
      circumstances,
      trace,
      doubts: ownView.world.doubts,
    }),
    refused: endings.find(({ kind }) => kind === 'refused')?.says,
    error: errors[0],
    uses: circumstances.uses(),
    trace,
  };
  // What is not sent, and not reached, proves nothing if the driver only says that it has started.
  return hollow !== undefined && findings.length === 0 ? { ...result, own: NOTHING, beside: NOTHING } : result;
}

interface Judge {
  readonly id: string;
  readonly judge: (seen: Seen) => void;
}

/** Who judges. What is missing behind a cut would be held against the driver, as something that it never did. */
function judgesOf(question: Question, { trace, setup, endings }: Play, monitors: readonly Monitor[]) {
  if (cutOf(trace)) return { own: [], beside: [] };
  const beside = watchersOf(setup, monitors).map((monitor): Judge => {
    return { id: `monitor ${monitor.id}`, judge: (seen) => monitor.judge(seen) };
  });
  // A case judges what it made happen; cut short, it would blame the driver for what was never asked of it.
  return { own: endings.every(({ kind }) => kind === 'refused') ? [question] : [], beside };
}

const cutOf = (trace: readonly TraceEvent[]): EventOf<'cut'> | undefined => trace.find((event) => event.kind === 'cut');

const judgingsOf = (judgement: Judgement, findings: readonly Finding[]): Judgings => ({
  findings,
  judged: judgement.judged(findings),
});

const untested = (says: string): Unanswered => ({ verdict: 'untested', says });
const notApplicable = (says: string): Unanswered => ({ verdict: 'not-applicable', says });

interface Open {
  readonly own: Judgings;
  readonly beside: Judgings;
  /** The case's. */
  readonly judgement: Judgement;
  readonly endings: readonly Ending[];
  readonly hollow: string | undefined;
  readonly circumstances: Circumstances;
  readonly trace: readonly TraceEvent[];
  readonly doubts: readonly Doubt[];
}

/** What the driver did instead of anything that the case is about. */
export function nothingToCheck(trace: readonly { readonly kind: string; readonly name?: unknown }[]): string {
  const names = trace.flatMap(({ kind, name }) => (kind === 'request' && typeof name === 'string' ? [name] : []));
  const counts = [...new Set(names)].map((name) => `${names.filter((it) => it === name).length} ${name}`);
  const sent = counts.length === 0 ? 'no request' : counts.join(', ');
  return `The driver sent ${sent}, and did nothing that this case checks.`;
}

/** Why the case's own question is open; undefined if one of its requirements was judged, by whomever, and the case is content. */
function unansweredOf({ requirements }: Question, open: Open): Unanswered | undefined {
  const { own, beside, judgement, endings, hollow, circumstances, trace, doubts } = open;
  const early = endings.find(({ kind }) => kind === 'verb-not-offered' || kind === 'driver-lost');
  if (early) return untested(early.says);
  const cut = cutOf(trace);
  if (cut) return untested(`The trace is full, and nothing in it was judged: ${cut.says}.`);
  if (judgement.missing !== undefined) return untested(judgement.missing);
  if (hollow !== undefined) return untested(hollow);
  const judged = [...own.judged, ...beside.judged];
  if (judged.some((tally) => requirements.some((id) => id === tally.requirement))) return undefined;
  if (judgement.declined !== undefined) return notApplicable(judgement.declined);
  const refused = endings.find(({ kind }) => kind === 'refused')?.says ?? refusedStart(trace);
  if (refused !== undefined) return untested(refused);
  const [excused] = judgement.findings;
  if (excused !== undefined)
    return untested(`That is not the driver's doing, or follows from another breach: ${excused.says}`);
  const unmet = requirements.map((id) => judgement.unmet(id) ?? unmetOf(circumstances, id));
  const [reason] = unmet;
  if (reason !== undefined && !unmet.includes(undefined)) return notApplicable(sentence(reason));
  const doubt = doubts.find(({ byChoice }) => !byChoice) ?? doubts[0];
  if (doubt !== undefined) return doubt.byChoice ? notApplicable(doubt.says) : untested(doubt.says);
  return untested(nothingToCheck(trace));
}

function unmetOf(circumstances: Circumstances, id: RequirementId): string | undefined {
  const row = requirement(id);
  return row && circumstances.unmet(row, undefined);
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

/** The driver's first answer to `start`, if it was this one. */
const startIn = (trace: readonly TraceEvent[], outcome: 'ok' | 'not-ok'): EventOf<'answer'> | undefined => {
  const start = trace.find((event) => event.kind === 'answer' && event.verb === 'start');
  return start?.kind === 'answer' && start.outcome === outcome ? start : undefined;
};

/** A driver that says that it has started, and never brought the device up. */
function hollowStart(trace: readonly TraceEvent[]): string | undefined {
  const up = trace.some((event) => event.kind === 'features' && event.device.startsWith('iommu') && event.kept);
  return up || !startIn(trace, 'ok')
    ? undefined
    : "The driver answered 'start' with ok, and never brought the device up.";
}

/** A driver that did not come up leaves most cases with nothing to judge; then this is the reason. */
function refusedStart(trace: readonly TraceEvent[]): string | undefined {
  const start = startIn(trace, 'not-ok');
  return start && `The driver did not start: ${start.reason ?? 'no reason given'}.`;
}

/** What a log and a score are told of a result. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly says: string;
  readonly findings: readonly Finding[];
  readonly judged: readonly Judged[];
  readonly unanswered?: string;
}

/** The verdict on a result, with everything that was judged on the way. */
export function outcomeOf({ own, beside, unanswered, error }: CaseResult): Outcome {
  const findings = [...own.findings, ...beside.findings];
  const { verdict, says } = verdictOf({ error, findings, unanswered });
  return {
    verdict,
    says,
    findings,
    judged: summed([...own.judged, ...beside.judged]),
    ...(unanswered && verdict !== unanswered.verdict && { unanswered: unanswered.says }),
  };
}
