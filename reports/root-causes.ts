/**
 * What a run found broken, each cause once: a requirement, or several that one event breaks in the same way. One mistake of a
 * driver often fails most of the catalogue; every report lists these, and names the variants behind them.
 */
import type { CaseRecord, Finding, RequirementRow, RunRecord } from './record/model.ts';
import { findingsOf, outcomeOf, requirementsById } from './run-view.ts';
import { type Obligation, OBLIGATIONS, obligationOf } from './words/obligation.ts';

export interface RootCause {
  /** One for each requirement that the same event breaks in the same way, as `first` has it. */
  readonly findings: readonly [Finding, ...Finding[]];
  /** What binds most of what is broken. */
  readonly obligation: Obligation;
  /** Whether the user's list expects every variant that shows it to fail. */
  readonly isExpected: boolean;
  /** The variant that shows it best: of a case about the requirement, else the first. */
  readonly first: CaseRecord;
  readonly others: readonly CaseRecord[];
  /** What was wrong, in how many variants: registers, types of request, verbs; the most frequent first. */
  readonly subjects: readonly { readonly subject: string; readonly count: number }[];
}

/** What nobody expected to fail first, then what was expected, then what is only advised; then by what binds; then as in the log. */
export function rootCauses(run: RunRecord): RootCause[] {
  const known = causesOf.get(run);
  if (known) return known;
  const rows = requirementsById(run);
  const causes = new Map<string, RootCause>();
  for (const [requirement, broken] of brokenRequirements(run)) {
    const [{ record, finding }] = broken;
    const event = finding.at === undefined ? requirement : `${record.started.id} ${finding.at} ${finding.says}`;
    const own = causeOf(broken, rows);
    const same = causes.get(event);
    causes.set(event, same ? joined(same, own) : own);
  }
  const sorted = [...causes.values()].map(bestShown).toSorted((a, b) => placeOf(a) - placeOf(b));
  causesOf.set(run, sorted);
  return sorted;
}

/** Every report of a run asks. */
const causesOf = new WeakMap<RunRecord, RootCause[]>();

/** Every variant that shows the cause, the best first. */
export const variantsOf = ({ first, others }: RootCause): CaseRecord[] => [first, ...others];

type Broken = [Found, ...Found[]];

interface Found {
  readonly record: CaseRecord;
  readonly finding: Finding;
}

function brokenRequirements(run: RunRecord): ReadonlyMap<string, Broken> {
  const broken = new Map<string, Broken>();
  const found = run.cases.flatMap((record) => findingsOf(record).map((finding) => ({ record, finding })));
  const inOrder = [0, 1, 2].flatMap((rank) => found.filter((it) => rankOf(it) === rank));
  for (const it of inOrder) {
    const known = broken.get(it.finding.requirement);
    if (known) known.push(it);
    else broken.set(it.finding.requirement, [it]);
  }
  return broken;
}

function rankOf({ record, finding }: Found): number {
  if (finding.verdict === 'warn') return 2;
  return outcomeOf(record) === 'expected' ? 1 : 0;
}

function causeOf(broken: Broken, rows: ReadonlyMap<string, RequirementRow>): RootCause {
  const [{ record, finding }] = broken;
  const variants = [...new Set(broken.map((it) => it.record))];
  return {
    findings: [finding],
    obligation: obligationOf({ keyword: finding.keyword, source: rows.get(finding.requirement)?.source }),
    isExpected: rankOf(broken[0]) === 1,
    first: record,
    others: variants.filter((it) => it !== record),
    subjects: subjectsOf(broken),
  };
}

function subjectsOf(broken: Broken): RootCause['subjects'] {
  const variants = new Map<string, Set<CaseRecord>>();
  for (const { record, finding } of broken) {
    if (finding.subject === undefined) continue;
    variants.set(finding.subject, (variants.get(finding.subject) ?? new Set()).add(record));
  }
  return [...variants]
    .map(([subject, records]) => ({ subject, count: records.size }))
    .toSorted((a, b) => b.count - a.count);
}

function joined(cause: RootCause, other: RootCause): RootCause {
  const strongest = OBLIGATIONS.find((it) => it === cause.obligation || it === other.obligation);
  return {
    ...cause,
    findings: [...cause.findings, ...other.findings],
    obligation: strongest ?? cause.obligation,
    others: [...new Set([...cause.others, ...other.others])].filter((it) => it !== cause.first),
  };
}

/** The cause shown by a variant of a case that is about it, if there is one in which the list expects no more. */
function bestShown(cause: RootCause): RootCause {
  const requirements = new Set(cause.findings.map(({ requirement }) => requirement));
  const { first } = cause;
  const isAbout = (record: CaseRecord): boolean => {
    const own = record.started.requirements.filter((id) => requirements.has(id));
    return own.some((id) => findingsOf(record).some(({ requirement }) => requirement === id));
  };
  const best = variantsOf(cause).find((record) => isAbout(record) && outcomeOf(record) === outcomeOf(first));
  if (best === undefined || best === first) return cause;
  const shown = cause.findings.map(
    (finding) => findingsOf(best).find(({ requirement }) => requirement === finding.requirement) ?? finding,
  );
  const [worst = cause.findings[0], ...rest] = shown;
  return {
    ...cause,
    findings: [worst, ...rest],
    first: best,
    others: variantsOf(cause).filter((record) => record !== best),
  };
}

const placeOf = ({ findings: [{ verdict }], isExpected, obligation }: RootCause): number =>
  (verdict === 'warn' ? 2 : isExpected ? 1 : 0) * OBLIGATIONS.length + OBLIGATIONS.indexOf(obligation);
