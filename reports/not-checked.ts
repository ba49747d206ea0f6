/** Which requirements a run did not check, why, and what would let it: the reason first, since one often hides many. */
import { requirementStandings } from './comparison.ts';
import { requirementsOf } from './record/applicability.ts';
import type { CaseRecord, RequirementRow, RunRecord } from './record/model.ts';
import { type Obligation, OBLIGATIONS, obligationOf } from './words/obligation.ts';

/** A requirement that binds the driver and was not judged. */
export interface Unchecked {
  readonly row: RequirementRow;
  readonly obligation: Obligation;
  /** Variants of this run whose cases are about it, and why each of them could not judge it. */
  readonly candidates: readonly { readonly record: CaseRecord; readonly reason: string }[];
}

export interface UncheckedGroup {
  /** A sentence. */
  readonly reason: string;
  /** What would let the run check them; undefined where the reason says it. */
  readonly opener: string | undefined;
  /** What binds most first. */
  readonly requirements: readonly Unchecked[];
  /** Every variant that could not judge one of them for this reason, in the order of the log. */
  readonly records: readonly CaseRecord[];
}

const NOT_PLAYED = 'No case of this run is about them.';
const NOT_MET = 'No case stages them, and nothing in this run gave the background checks an occasion.';
const NOT_SHOWN = 'The cases about them passed without meeting the situation.';
const NO_JUDGE = 'No case or monitor judges them.';

/** By reason: those that hide most MUSTs first, then by the number of requirements, then as in the log. */
export function notChecked(run: RunRecord): UncheckedGroup[] {
  const groups = new Map<string, Unchecked[]>();
  const isWhole = run.cases.length >= run.header.catalogue.variants;
  for (const unchecked of uncheckedRequirements(run)) {
    const reason = reasonOf(unchecked, isWhole);
    const members = groups.get(reason);
    if (members) members.push(unchecked);
    else groups.set(reason, [unchecked]);
  }
  const places = new Map(run.cases.map((record, index) => [record, index]));
  return [...groups]
    .map(([reason, members]) => ({
      reason,
      opener: openerOf(reason),
      requirements: members.toSorted((a, b) => placeOf(a) - placeOf(b)),
      records: recordsOf(members, reason).toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0)),
    }))
    .toSorted(
      (a, b) =>
        countOf(b.requirements, 'must') - countOf(a.requirements, 'must') ||
        b.requirements.length - a.requirements.length,
    );
}

/** How many of the requirements bind so. */
export const countOf = (requirements: readonly Unchecked[], obligation: Obligation): number =>
  requirements.filter((it) => it.obligation === obligation).length;

/** Every section of a report asks. */
const known = new WeakMap<RunRecord, readonly Unchecked[]>();

/** In the order of the tables. */
export function uncheckedRequirements(run: RunRecord): readonly Unchecked[] {
  const all = known.get(run) ?? uncheckedIn(run);
  known.set(run, all);
  return all;
}

function uncheckedIn(run: RunRecord): Unchecked[] {
  const standings = requirementStandings(run);
  const about = casesAbout(run);
  return requirementsOf(run).flatMap((row) => {
    if (standings.get(row.id) !== 'not-exercised') return [];
    const candidates = (about.get(row.id) ?? []).map((record) => ({ record, reason: whyNot(record) }));
    return [{ row, obligation: obligationOf(row), candidates }];
  });
}

function casesAbout({ cases }: RunRecord): ReadonlyMap<string, readonly CaseRecord[]> {
  const about = new Map<string, CaseRecord[]>();
  for (const record of cases) {
    for (const id of new Set(record.started.requirements)) about.set(id, [...(about.get(id) ?? []), record]);
  }
  return about;
}

function whyNot({ judgement }: CaseRecord): string {
  if (!judgement) return 'The run ended before they were judged.';
  if (judgement.unanswered !== undefined) return judgement.unanswered;
  return judgement.verdict === 'pass' || judgement.verdict === 'warn' || judgement.verdict === 'fail'
    ? NOT_SHOWN
    : judgement.says;
}

/** What stood in the way most often. That a case passed beside it explains least. */
function reasonOf({ row, candidates }: Unchecked, isWhole: boolean): string {
  if (candidates.length === 0) {
    if (!row.judged) return NO_JUDGE;
    return isWhole ? NOT_MET : NOT_PLAYED;
  }
  const counts = new Map<string, number>();
  for (const { reason } of candidates) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const [most] = [...counts].toSorted(
    ([a, first], [b, second]) => Number(a === NOT_SHOWN) - Number(b === NOT_SHOWN) || second - first,
  );
  return most?.[0] ?? NOT_MET;
}

const recordsOf = (members: readonly Unchecked[], reason: string): CaseRecord[] => [
  ...new Set(
    members.flatMap(({ candidates }) => candidates.filter((it) => it.reason === reason).map(({ record }) => record)),
  ),
];

const placeOf = ({ obligation }: Unchecked): number => OBLIGATIONS.indexOf(obligation);

/** What would take a reason away. */
const OPENERS: readonly (readonly [reason: RegExp, opener: string])[] = [
  [/does not claim the optional ability '([^']+)'/, "a shim that claims '$1' in its manifest"],
  [/offers no verb '([^']+)'/, "a shim that carries out the verb '$1'"],
  [/does not claim to understand (.+)\.$/, 'a driver that understands $1'],
  [/does not accept (VIRTIO_\w+)/, 'a driver that accepts $1'],
  [/never reads (\w+)/, 'a driver that reads $1'],
  [/reads PCI configuration space once a boot/, "a driver that enumerates PCI at each 'start'"],
  [/sends one request at a time/, 'a driver with several requests in flight'],
  [/did not send so many requests of the type (\w+)/, 'a driver that sends more $1 requests for one command'],
  [/refused '([^']+)'/, "a driver that can carry out '$1' here; its log says why not"],
  [/^The run ended before/, 'a run to the end'],
  [/^No case of this run/, 'a run of the whole catalogue'],
];

function openerOf(reason: string): string | undefined {
  for (const [pattern, opener] of OPENERS) {
    const match = pattern.exec(reason);
    if (match) return opener.replace('$1', match[1] ?? '');
  }
  return undefined;
}

/** `29 MUSTs, 4 SHOULDs`; of platform rules too. */
export function hiddenWords(requirements: readonly Unchecked[]): string {
  const words: Readonly<Record<Obligation, string>> = {
    must: 'MUST',
    rule: 'platform rule',
    should: 'SHOULD',
    advice: 'platform advice',
  };
  return OBLIGATIONS.map((obligation) => ({ obligation, count: countOf(requirements, obligation) }))
    .filter(({ count }) => count > 0)
    .map(({ obligation, count }) => `${count} ${words[obligation]}${count > 1 && obligation !== 'advice' ? 's' : ''}`)
    .join(', ');
}
