/** Collects what cases and monitors find in one trace. */
import { type Requirement, type RequirementId, requirement } from '../../cases/requirements/index.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import type { Finding, Judged } from '../../reports/record/model.ts';
import type { Circumstances } from './circumstances.ts';
import { subjectOf } from './root-cause.ts';

/** Raised by nobody but a case that names a requirement which stands in no table: our own mistake. */
class UnknownRequirement extends Error {}

/** What one judge came to about one requirement. */
interface Tally {
  readonly requirement: RequirementId;
  readonly by: string;
  held: number;
  /** By what is wrong: the first breach of each kind, and how often it was found. */
  readonly breaches: Map<string, { readonly finding: Finding; times: number }>;
}

/** A requirement that is broken in more ways than this by one trace says nothing new. */
const SUBJECTS_MAX = 8;

/** The judging of one variant. `by` names who judges at the moment: the case's id or a monitor's. */
export class Judgement {
  by = '';
  /** Everything that was found, in the order of finding. */
  readonly findings: Finding[] = [];
  readonly #circumstances: Pick<Circumstances, 'unmet'> | undefined;
  readonly #tallies = new Map<string, Tally>();
  readonly #unmet = new Map<string, string>();
  #missing: string | undefined;
  #declined: string | undefined;

  /** Without circumstances every requirement binds. */
  constructor(circumstances?: Pick<Circumstances, 'unmet'>) {
    this.#circumstances = circumstances;
  }

  /**
   * One check of one requirement. What cannot be told (`holds` is undefined) and what does not bind this driver is not
   * judged; a breach becomes a finding, one for each thing that is wrong.
   */
  check(id: string, holds: boolean | undefined, at: TraceEvent | undefined, says: string): void {
    const row = requirement(id);
    if (!row) throw new UnknownRequirement(`${this.by} checks ${id}, which stands in no requirement table`);
    if (holds === undefined) return;
    const unmet = this.#circumstances?.unmet(row, at);
    if (unmet !== undefined) {
      this.#unmet.set(id, unmet);
      return;
    }
    const tally = this.#tally(row.id);
    if (holds) tally.held++;
    else this.#addBreach(tally, row, at, says);
  }

  /** A prerequisite did not come about; the first reason counts. */
  untested(says: string): void {
    this.#missing ??= says;
  }

  /** What the case is about is optional, and the driver does without it; the first reason counts. */
  notApplicable(says: string): void {
    this.#declined ??= says;
  }

  /** Why the case's own question is open, as the case says. */
  get missing(): string | undefined {
    return this.#missing;
  }

  get declined(): string | undefined {
    return this.#declined;
  }

  /** Why a requirement that somebody wanted to judge does not bind this driver. */
  unmet(id: string): string | undefined {
    return this.#unmet.get(id);
  }

  /** How often each requirement was judged, sorted by id. Of the breaches those count that are among `standing`, and follow from no other. */
  judged(standing: readonly Finding[]): Judged[] {
    const roots = new Set(standing.filter(({ follows }) => follows === undefined).map(keyOf));
    const tallies = [...this.#tallies.values()].map(({ requirement: id, held, breaches }) => {
      const broken = [...breaches.values()].filter(({ finding }) => roots.has(keyOf(finding)));
      const times = broken.reduce((sum, breach) => sum + breach.times, held);
      return { requirement: id, times, held: broken.length === 0 };
    });
    return summed(tallies.filter(({ times }) => times > 0));
  }

  #tally(id: RequirementId): Tally {
    const key = `${id} ${this.by}`;
    const tally = this.#tallies.get(key) ?? { requirement: id, by: this.by, held: 0, breaches: new Map() };
    this.#tallies.set(key, tally);
    return tally;
  }

  #addBreach({ breaches }: Tally, row: Requirement, at: TraceEvent | undefined, says: string): void {
    const subject = at && subjectOf(at);
    const known = breaches.get(subject ?? '');
    if (known) {
      known.times++;
      return;
    }
    if (breaches.size >= SUBJECTS_MAX) return;
    const finding: Finding = {
      requirement: row.id,
      keyword: row.keyword,
      verdict: row.keyword.startsWith('MUST') ? 'fail' : 'warn',
      says,
      ...(at === undefined ? {} : { at: at.seq }),
      ...(subject === undefined ? {} : { subject }),
      by: this.by,
    };
    breaches.set(subject ?? '', { finding, times: 1 });
    this.findings.push(finding);
  }
}

/** One tally for each requirement, sorted by id. */
export function summed(tallies: readonly Judged[]): Judged[] {
  const sums = new Map<string, Judged>();
  for (const { requirement: id, times, held } of tallies) {
    const sum = sums.get(id);
    sums.set(id, { requirement: id, times: times + (sum?.times ?? 0), held: held && sum?.held !== false });
  }
  return [...sums.values()].toSorted((a, b) => (a.requirement < b.requirement ? -1 : 1));
}

const keyOf = ({ requirement: id, by, subject }: Finding): string => `${id} ${by} ${subject ?? ''}`;
