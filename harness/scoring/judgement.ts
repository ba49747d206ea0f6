/** Collects what cases and monitors find, and makes a verdict of it. */
import { requirement } from '../../cases/requirements/index.ts';
import type { Finding, Judged, Verdict } from '../../reports/record/model.ts';

/** Raised by nobody but a case that names a requirement which stands in no table: our own mistake. */
class UnknownRequirement extends Error {}

/** What one requirement went through in one case. */
interface Tally {
  times: number;
  held: boolean;
}

/** The judging of one variant. `by` names who judges at the moment: the case's id or a monitor's. */
export class Judgement {
  by = '';
  readonly findings: Finding[] = [];
  readonly #tallies = new Map<string, Tally>();
  #missing: string | undefined;
  #declined: string | undefined;

  /** One check of one requirement; a breach becomes a finding, at most one a requirement and judge. */
  check(id: string, holds: boolean, at: number | undefined, says: string): void {
    const row = requirement(id);
    if (!row) throw new UnknownRequirement(`${this.by} checks ${id}, which stands in no requirement table`);
    const tally = this.#tallies.get(id) ?? { times: 0, held: true };
    this.#tallies.set(id, { times: tally.times + 1, held: tally.held && holds });
    if (holds || this.findings.some((finding) => finding.requirement === id && finding.by === this.by)) return;
    const verdict = row.keyword.startsWith('MUST') ? 'fail' : 'warn';
    this.findings.push({
      requirement: id,
      keyword: row.keyword,
      verdict,
      says,
      ...(at === undefined ? {} : { at }),
      by: this.by,
    });
  }

  /** A prerequisite did not come about; the first reason counts. */
  untested(says: string): void {
    this.#missing ??= says;
  }

  /** What the case is about is optional, and the driver does without it; the first reason counts. */
  notApplicable(says: string): void {
    this.#declined ??= says;
  }

  get missing(): string | undefined {
    return this.#missing;
  }

  /** How often each requirement was checked, sorted by id. */
  judged(): Judged[] {
    return [...this.#tallies]
      .map(([id, tally]) => ({ requirement: id, times: tally.times, held: tally.held }))
      .toSorted((a, b) => (a.requirement < b.requirement ? -1 : 1));
  }

  /** Whether any of `ids` was checked at all. */
  exercised(ids: readonly string[]): boolean {
    return ids.some((id) => this.#tallies.has(id));
  }

  /**
   * The verdict over everything found; a case that looked at none of its `own` requirements is untested, never
   * passed. `excuse` says why there was nothing to look at, if that is known.
   */
  verdict(own: readonly string[], excuse?: string): { verdict: Verdict; says: string } {
    const worst = this.findings.find(({ verdict }) => verdict === 'fail') ?? this.findings[0];
    if (worst) return { verdict: worst.verdict, says: worst.says };
    if (this.#missing !== undefined) return { verdict: 'untested', says: this.#missing };
    if (!this.exercised(own) && this.#declined !== undefined)
      return { verdict: 'not-applicable', says: this.#declined };
    if (!this.exercised(own)) {
      return { verdict: 'untested', says: excuse ?? 'Nothing happened that this case could have judged.' };
    }
    return { verdict: 'pass', says: 'Everything that was demanded held.' };
  }
}
