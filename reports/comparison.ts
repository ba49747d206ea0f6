/**
 * What changed from one run to another: of two drivers, two versions of one, two catalogues. Failures that the user's
 * list expects are failures here, since the list says nothing about the driver.
 */
import { rootsOf } from './record/root-findings.ts';
import { requirementsOf } from './record/applicability.ts';
import type { CaseRecord, Finding, RequirementRow, RunRecord } from './record/model.ts';
import { incompleteness, type Outcome, outcomeOf, requirementSetName } from './run-view.ts';
import { counted } from '../reference-device/counted.ts';

/** From what needs a reader's eye first to what needs it least. */
export const CHANGES = [
  'new-failure',
  'new-warning',
  'no-longer-exercised',
  'fixed',
  'newly-exercised',
  'otherwise',
] as const;
export type Change = (typeof CHANGES)[number];

/** How a variant stands in a run; `absent` if the run has it neither judged nor begun. */
export type CaseStanding = Outcome | 'absent';

export interface CaseChange {
  readonly id: string;
  readonly change: Change;
  readonly before: CaseStanding;
  readonly after: CaseStanding;
  /** Requirements found broken in this variant now and not before, and the other way about; sorted. */
  readonly broken: readonly string[];
  readonly mended: readonly string[];
  /** The sentence on what there is to see: of a finding that is new, else of the verdict after, else before. */
  readonly says: string;
  /** The one command that repeats it in the second run, if it was judged there. */
  readonly repeat: string | undefined;
}

/** Variants that changed in the same way: one mistake of a driver often changes most of the catalogue, and is to be read once. */
export interface AlikeChanges {
  readonly first: CaseChange;
  readonly others: readonly CaseChange[];
}

/** By what they broke and mended, or else by their sentences; in the order of `changes`. */
export function alikeChanges(changes: readonly CaseChange[]): AlikeChanges[] {
  const groups = new Map<string, CaseChange[]>();
  for (const change of changes) {
    const { change: kind, before, after, broken, mended, says } = change;
    const why = broken.length + mended.length > 0 ? [broken, mended] : [says];
    const key = JSON.stringify([kind, before, after, ...why]);
    const members = groups.get(key);
    if (members) members.push(change);
    else groups.set(key, [change]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => (first ? [{ first, others }] : []));
}

/** How a requirement stands in a run; `absent` if the run's set does not have it. */
export type RequirementStanding = 'broken' | 'held' | 'not-exercised' | 'not-applicable' | 'absent';

export interface RequirementChange {
  /** As the second run states it, or the first where the second does not. */
  readonly row: RequirementRow;
  readonly change: Change;
  readonly before: RequirementStanding;
  readonly after: RequirementStanding;
}

/** One thing in which the runs themselves differ, so that what changed may not be the driver. */
export interface RunDifference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export interface Comparison {
  readonly before: RunRecord;
  readonly after: RunRecord;
  readonly differences: readonly RunDifference[];
  /** What changed only, by urgency, then in the order of the second log, then of the first. */
  readonly cases: readonly CaseChange[];
  /** What changed only, by urgency, then in the order of the requirement tables. */
  readonly requirements: readonly RequirementChange[];
  /** Variants that stand the same in both. */
  readonly sameCount: number;
  /** Why not everything can be told, a sentence each: runs that did not come to their end. */
  readonly gaps: readonly string[];
}

/** Compares the run `after` with the run `before`. */
export function compareRuns(before: RunRecord, after: RunRecord): Comparison {
  const ids = idsOf(before, after);
  const cases = caseChanges(ids, recordsById(before), recordsById(after));
  return {
    before,
    after,
    differences: differencesOf(before, after),
    cases: byUrgency(cases),
    requirements: byUrgency(requirementChanges(before, after)),
    sameCount: ids.length - cases.length,
    gaps: [gapOf('first', before), gapOf('second', after)].flatMap((gap) => gap ?? []),
  };
}

function gapOf(which: string, run: RunRecord): string | undefined {
  const why = incompleteness(run);
  return why === undefined ? undefined : `The ${which} run is INCOMPLETE. ${why}`;
}

const recordsById = ({ cases }: RunRecord): ReadonlyMap<string, CaseRecord> =>
  new Map(cases.map((record) => [record.started.id, record]));

/** Every variant of either run: those of the second in its order, then what only the first has. */
function idsOf(before: RunRecord, after: RunRecord): string[] {
  return [...new Set([...after.cases, ...before.cases].map(({ started: { id } }) => id))];
}

function byUrgency<C extends { readonly change: Change }>(changes: readonly C[]): C[] {
  return CHANGES.flatMap((change) => changes.filter((it) => it.change === change));
}

function caseChanges(
  ids: readonly string[],
  before: ReadonlyMap<string, CaseRecord>,
  after: ReadonlyMap<string, CaseRecord>,
): CaseChange[] {
  return ids.flatMap((id) => caseChange(id, before.get(id), after.get(id)) ?? []);
}

/** Undefined if the variant stands the same in both runs. */
function caseChange(id: string, before: CaseRecord | undefined, after: CaseRecord | undefined): CaseChange | undefined {
  const broken = brokenOnlyIn(after, before);
  const mended = brokenOnlyIn(before, after).map(({ requirement }) => requirement);
  const change = changeOfCase(before, after, { broken, mended });
  if (change === undefined) return undefined;
  const worst = broken.find(({ verdict }) => verdict === 'fail') ?? broken[0];
  return {
    id,
    change,
    before: standingOf(before),
    after: standingOf(after),
    broken: broken.map(({ requirement }) => requirement),
    mended,
    says: worst?.says ?? (after ?? before)?.judgement?.says ?? 'The run ended before this case was judged.',
    repeat: after?.judgement?.repeat,
  };
}

const standingOf = (record: CaseRecord | undefined): CaseStanding => (record ? outcomeOf(record) : 'absent');

/** A harness error, like a case that never ran, says nothing about the driver. */
function isExercised(record: CaseRecord | undefined): boolean {
  const verdict = record?.judgement?.verdict;
  return verdict === 'pass' || verdict === 'warn' || verdict === 'fail';
}

/** Findings against requirements that `record` breaks and `other` does not, one each, sorted by requirement. */
function brokenOnlyIn(record: CaseRecord | undefined, other: CaseRecord | undefined): Finding[] {
  const known = new Set(rootsOf(other?.judgement?.findings ?? []).map(({ requirement }) => requirement));
  const found = new Map<string, Finding>();
  for (const finding of rootsOf(record?.judgement?.findings ?? [])) {
    if (!known.has(finding.requirement) && !found.has(finding.requirement)) found.set(finding.requirement, finding);
  }
  return [...found.values()].toSorted((a, b) => (a.requirement < b.requirement ? -1 : 1));
}

function changeOfCase(
  before: CaseRecord | undefined,
  after: CaseRecord | undefined,
  { broken, mended }: { readonly broken: readonly Finding[]; readonly mended: readonly string[] },
): Change | undefined {
  if (isExercised(after)) {
    if (broken.some(({ verdict }) => verdict === 'fail')) return 'new-failure';
    if (broken.length > 0) return 'new-warning';
    if (!isExercised(before)) return 'newly-exercised';
    return mended.length > 0 ? 'fixed' : undefined;
  }
  if (isExercised(before)) return 'no-longer-exercised';
  return standingOf(before) === standingOf(after) ? undefined : 'otherwise';
}

function requirementChanges(before: RunRecord, after: RunRecord): RequirementChange[] {
  const first = requirementStandings(before);
  const second = requirementStandings(after);
  const rows = new Map([...requirementsOf(after), ...requirementsOf(before)].toReversed().map((row) => [row.id, row]));
  return [...rows.values()].toReversed().flatMap((row) => {
    const was = first.get(row.id) ?? 'absent';
    const is = second.get(row.id) ?? 'absent';
    const change = changeOfRequirement(row, was, is);
    return change === undefined ? [] : [{ row, change, before: was, after: is }];
  });
}

/** How each requirement of the run's set stands. A breach is told even where the requirement does not bind. */
export function requirementStandings(run: RunRecord): ReadonlyMap<string, RequirementStanding> {
  const held = new Map<string, boolean>();
  for (const { judgement } of run.cases) {
    for (const tally of judgement?.judged ?? [])
      held.set(tally.requirement, (held.get(tally.requirement) ?? true) && tally.held);
  }
  return new Map(
    requirementsOf(run).map(({ id, applicable }) => {
      if (held.get(id) === false) return [id, 'broken'];
      if (!applicable) return [id, 'not-applicable'];
      return [id, held.has(id) ? 'held' : 'not-exercised'];
    }),
  );
}

function changeOfRequirement(
  { keyword }: RequirementRow,
  before: RequirementStanding,
  after: RequirementStanding,
): Change | undefined {
  if (before === after) return undefined;
  if (after === 'broken') return keyword.startsWith('MUST') ? 'new-failure' : 'new-warning';
  if (after === 'held') return before === 'broken' ? 'fixed' : 'newly-exercised';
  return before === 'broken' || before === 'held' ? 'no-longer-exercised' : 'otherwise';
}

/** What a reader has to know of a run before he takes a change for one of the driver. */
function factsOf(run: RunRecord): Readonly<Record<string, string>> {
  const { driver, catalogue, tool, seed } = run.header;
  return {
    driver: `${driver.name} ${driver.version}`,
    configuration: driver.configuration || 'none given',
    'faults switched on': driver.faults.join(', ') || 'none',
    'requirement set': requirementSetName(run),
    catalogue: `${counted(catalogue.variants, 'variant')}, digest ${catalogue.digest}`,
    tool: `${tool.name} ${tool.version}`,
    seed: String(seed),
  };
}

function differencesOf(before: RunRecord, after: RunRecord): RunDifference[] {
  const first = factsOf(before);
  return Object.entries(factsOf(after)).flatMap(([name, is]) => {
    const was = first[name] ?? '';
    return was === is ? [] : [{ name, before: was, after: is }];
  });
}
