/** What a run found broken, each requirement once. */
import type { CaseRecord, Finding, RunRecord } from '../record/model.ts';
import { findingsOf, outcomeOf } from '../run-view.ts';

export interface RootCause {
  /** One for each requirement that is broken by the same event. */
  readonly findings: readonly [Finding, ...Finding[]];
  /** The first variant that shows it, and the others. */
  readonly first: CaseRecord;
  readonly others: readonly CaseRecord[];
}

interface Broken {
  readonly finding: Finding;
  readonly first: CaseRecord;
  readonly others: CaseRecord[];
}

/** What nobody expected to fail first, then what was expected, then what is only advised; each in the order of the log. */
export function rootCauses(run: RunRecord): RootCause[] {
  const causes = new Map<string, RootCause>();
  for (const [requirement, { finding, first, others }] of brokenRequirements(run)) {
    const event = finding.at === undefined ? requirement : `${first.started.id} ${finding.at}`;
    const same = causes.get(event);
    if (same) causes.set(event, withFinding(same, finding, others));
    else causes.set(event, { findings: [finding], first, others });
  }
  return [...causes.values()];
}

const withFinding = (cause: RootCause, finding: Finding, others: readonly CaseRecord[]): RootCause => ({
  ...cause,
  findings: [...cause.findings, finding],
  others: [...new Set([...cause.others, ...others])],
});

function brokenRequirements(run: RunRecord): ReadonlyMap<string, Broken> {
  const broken = new Map<string, Broken>();
  const found = run.cases.flatMap((record) => findingsOf(record).map((finding) => ({ record, finding })));
  const inOrder = [0, 1, 2].flatMap((rank) => found.filter((it) => rankOf(it.record, it.finding) === rank));
  for (const { record, finding } of inOrder) {
    const known = broken.get(finding.requirement);
    if (!known) broken.set(finding.requirement, { finding, first: record, others: [] });
    else if (record !== known.first && known.others.at(-1) !== record) known.others.push(record);
  }
  return broken;
}

function rankOf(record: CaseRecord, { verdict }: Finding): number {
  if (verdict === 'warn') return 2;
  return outcomeOf(record) === 'expected' ? 1 : 0;
}
