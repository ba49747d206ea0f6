/** What every report has to know of a run, beyond what the log says in so many words. */
import { requirementsOf } from './record/applicability.ts';
import type { CaseRecord, Finding, RequirementRow, RunRecord, Scores, Verdict } from './record/model.ts';
import { rootsOf } from './record/root-findings.ts';
import { partOf } from './record/shard.ts';
import { counted } from '../reference-device/counted.ts';
import { obligationWord } from './words/obligation.ts';
import { specificationUrl } from './words/specification.ts';

/**
 * How a variant is shown. Beyond the verdicts: `expected` is a failure that the user's list covers, `unfinished`
 * was started but never judged.
 */
export type Outcome = Verdict | 'expected' | 'unfinished';

/** From what needs a reader's eye first to what needs it least. */
export const OUTCOMES: readonly Outcome[] = [
  'error',
  'fail',
  'unfinished',
  'expected',
  'warn',
  'untested',
  'pass',
  'not-applicable',
];

/** In words, for headings and counts. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  error: 'harness error',
  fail: 'failed',
  unfinished: 'not finished',
  warn: 'warned',
  untested: 'untested',
  expected: 'failed as expected',
  pass: 'passed',
  'not-applicable': 'not applicable',
};

export function outcomeOf(record: CaseRecord): Outcome {
  if (!record.judgement) return 'unfinished';
  const { verdict, expected } = record.judgement;
  return verdict === 'fail' && expected ? 'expected' : verdict;
}

/** The one sentence on a variant. */
export function sentenceOf(record: CaseRecord): string {
  return record.judgement?.says ?? 'The run ended before this case was judged.';
}

/** Variants by outcome, in the order of the log; every outcome is there. */
export function casesByOutcome(run: RunRecord): ReadonlyMap<Outcome, readonly CaseRecord[]> {
  const groups = new Map<Outcome, CaseRecord[]>(OUTCOMES.map((outcome) => [outcome, []]));
  for (const record of run.cases) groups.get(outcomeOf(record))?.push(record);
  return groups;
}

/** Why the run is incomplete, as a sentence; undefined if it is complete. */
export function incompleteness(run: RunRecord): string | undefined {
  const judgedCount = run.cases.filter(({ judgement }) => judgement).length;
  const judged = counted(judgedCount, 'variant');
  const planned = plannedHere(run);
  if (!run.footer) {
    const part = planned ? `${judgedCount} of ${counted(planned.length, 'variant')}` : judged;
    return `The log has no end: the run was cut off after ${part}.`;
  }
  const { interrupted, notRun, stopped } = run.footer;
  if (stopped !== undefined) {
    return run.cases.length === 0
      ? `The run did not start: ${stopped}`
      : `The run broke off after ${judged}: ${stopped}`;
  }
  const when = run.cases.length === 0 ? 'before its first case' : `after ${judged}`;
  if (interrupted) return `The run was interrupted ${when}; ${notRun.length} of those planned did not run.`;
  if (notRun.length > 0) return `${counted(notRun.length, 'planned variant')} did not run.`;
  return undefined;
}

/** What the log was to hold; undefined if it does not say. */
const plannedHere = ({ header: { plan, shard } }: RunRecord): readonly string[] | undefined =>
  plan && partOf(plan, shard);

/** Planned variants that were not even started. */
export function neverStarted(run: RunRecord): readonly string[] {
  const started = new Set(run.cases.map(({ started: { id } }) => id));
  return (run.footer?.notRun ?? plannedHere(run) ?? []).filter((id) => !started.has(id));
}

/**
 * Whether a complete run as a whole is red although no single variant is: a stale expectation, nothing exercised.
 * Formats that have nothing but test points give such a run a failing point of its own, so that no report is ever
 * greener than the exit code.
 */
export function isRedWithoutCause(run: RunRecord): boolean {
  if (!run.footer || run.footer.exitCode === 0 || incompleteness(run) !== undefined) return false;
  const causes: readonly Outcome[] = ['error', 'fail'];
  return !run.cases.some((record) => causes.includes(outcomeOf(record)));
}

/** The exit code of such a run. */
const NOTHING_EXERCISED = 5;

/** Outcomes that say something of the driver. */
const REACHED: ReadonlySet<Outcome> = new Set<Outcome>(['pass', 'warn', 'expected', 'fail']);

/** Whether the driver did not survive the variant. */
export const crashes = (record: CaseRecord): boolean =>
  findingsOf(record).some(({ requirement }) => requirement.startsWith('platform/robustness/survives'));

/** Whether the run came to its end without saying anything of the driver. */
export const isIdle = ({ footer }: RunRecord): boolean => footer?.exitCode === NOTHING_EXERCISED;

/** One sentence on what the run means for its exit code, which heeds the user's list, and whether it is good news. */
export function conclusionOf(run: RunRecord): { readonly good: boolean; readonly says: string } {
  const incomplete = incompleteness(run);
  if (incomplete !== undefined) return { good: false, says: `INCOMPLETE. ${incomplete}` };
  const groups = casesByOutcome(run);
  const count = (outcome: Outcome): number => groups.get(outcome)?.length ?? 0;
  const total = counted(run.cases.length, 'variant');
  const judged = run.cases.filter((record) => REACHED.has(outcomeOf(record))).length;
  const where = judged === run.cases.length ? total : `the ${judged} of ${total} that could be judged`;
  if (count('error') > 0)
    return { good: false, says: `The harness itself went wrong in ${count('error')} of ${total}.` };
  if (count('fail') > 0) return { good: false, says: `The driver failed ${count('fail')} of ${total}.` };
  if (run.cases.length === 0) return { good: false, says: 'Nothing was run.' };
  if (isIdle(run)) return { good: false, says: 'Nothing was exercised: this run says nothing of the driver.' };
  if (run.footer && run.footer.exitCode !== 0) {
    return { good: false, says: run.footer.surprises[0] ?? `The run ended with exit code ${run.footer.exitCode}.` };
  }
  if (count('expected') > 0)
    return { good: true, says: `No failure beyond the ${count('expected')} expected, in ${where}.` };
  return { good: true, says: `The driver broke no MUST in ${where}.` };
}

/**
 * What the driver was scored against. `virtio 1.4` where the log names nothing but the version; a device that was like
 * another one than the specification's is named as well, since it makes another test, and so is a part of a run.
 */
export function requirementSetName({ header: { requirementSet, profile, shard } }: RunRecord): string {
  return [
    requirementSetWords(requirementSet),
    ...(profile === undefined ? [] : [`device profile ${profile}`]),
    ...(shard === undefined ? [] : [`shard ${shard.index} of ${shard.count}`]),
  ].join(', ');
}

const requirementSetWords = (name: string): string =>
  /^\d/.test(name) ? `virtio ${name}` : name === 'draft' ? 'virtio 1.4 and drafts' : name;

/** The requirements of the run by id. */
export function requirementsById(run: RunRecord): ReadonlyMap<string, RequirementRow> {
  return new Map(requirementsOf(run).map((row) => [row.id, row]));
}

/** `MUST, 5.13.6.5.1: iommu/driver/map/end-above-start`; without a section for what stands in none. */
export function citation(
  rows: ReadonlyMap<string, RequirementRow>,
  finding: Pick<Finding, 'keyword' | 'requirement'>,
): string {
  return `${placeOf(rows, finding)}: ${finding.requirement}`;
}

/** `MUST, 5.13.6.5.1`; `platform rule, DMA lifetime`. */
export function placeOf(
  rows: ReadonlyMap<string, RequirementRow>,
  finding: Pick<Finding, 'keyword' | 'requirement'>,
): string {
  const section = sectionOf(rows, finding.requirement);
  return [bindingOf(rows, finding), ...(section === undefined ? [] : [section])].join(', ');
}

/** What the requirement of a finding is called: `MUST`, `platform rule`. */
export const bindingOf = (
  rows: ReadonlyMap<string, RequirementRow>,
  { keyword, requirement }: Pick<Finding, 'keyword' | 'requirement'>,
): string => obligationWord({ keyword, source: rows.get(requirement)?.source });

/** What a row rests on that has no link to the specification; undefined for one that has. */
export const originOf = (row: RequirementRow): string | undefined =>
  specificationUrl(row) === undefined ? row.reference : undefined;

/** The section of a requirement; undefined for one that stands in none, or is not in the log. */
export function sectionOf(rows: ReadonlyMap<string, RequirementRow>, requirement: string): string | undefined {
  const section = rows.get(requirement)?.section;
  return section === '-' ? undefined : section;
}

/** What the driver breaks in the variant, what fails first; what follows from that is left out. */
export function findingsOf(record: CaseRecord): readonly Finding[] {
  const findings = rootsOf(record.judgement?.findings ?? []);
  return [
    ...findings.filter(({ verdict }) => verdict === 'fail'),
    ...findings.filter(({ verdict }) => verdict !== 'fail'),
  ];
}

/** Variants of which the same sentence can be said. */
export interface Alike {
  readonly says: string;
  readonly records: readonly [CaseRecord, ...CaseRecord[]];
}

/** By their sentences, in the order of the log. */
export function bySentence(cases: readonly CaseRecord[]): Alike[] {
  const groups = new Map<string, [CaseRecord, ...CaseRecord[]]>();
  for (const record of cases) {
    const says = sentenceOf(record);
    const members = groups.get(says);
    if (members) members.push(record);
    else groups.set(says, [record]);
  }
  return [...groups].map(([says, records]) => ({ says, records }));
}

/** Variants that went wrong and broke no requirement: errors of the harness, and failures that say something else. */
export function wentWrong(run: RunRecord): CaseRecord[] {
  const groups = casesByOutcome(run);
  const unexplained = (groups.get('fail') ?? []).filter((record) => findingsOf(record).length === 0);
  return [...(groups.get('error') ?? []), ...unexplained];
}

export const SCORE_NAMES = { must: 'MUST', should: 'SHOULD', implied: 'platform' } as const;
export type ScoreName = keyof typeof SCORE_NAMES;
/** In the order in which they are shown. */
export const SCORES: readonly ScoreName[] = ['must', 'should', 'implied'];

/** Undefined for a run without an end, and for one that never met its driver, to whom no requirement could be put. */
export const scoresOf = ({ header, footer }: RunRecord): Scores | undefined =>
  header.requirements.length === 0 ? undefined : footer?.scores;

/** What each of the four numbers of a score counts. */
export const DENOMINATORS = {
  held: 'exercised and never found broken',
  exercised: 'judged at least once in this run',
  applicable: 'binding on this driver',
  declared: 'in the requirement set',
} as const;
export const DENOMINATOR_NAMES: readonly (keyof typeof DENOMINATORS)[] = [
  'held',
  'exercised',
  'applicable',
  'declared',
];

/** Milliseconds as a reader wants them: `0.4 ms`, `12 ms`, `3.25 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '?';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
