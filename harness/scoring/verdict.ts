/** The one maker of verdicts: what was found, and what is open, in; the verdict and its sentence out. */
import type { Finding, Verdict } from '../../reports/record/model.ts';
import { rootsOf } from '../../reports/record/root-findings.ts';

/** Why the case's own question has no answer. */
export interface Unanswered {
  /** `not-applicable` if the driver does without what the case is about. */
  readonly verdict: 'untested' | 'not-applicable';
  readonly says: string;
}

export interface VerdictFacts {
  /** The harness's own mistake: a sentence. */
  readonly error?: string | undefined;
  /** Consequences of others among them, which count for nothing. */
  readonly findings: readonly Finding[];
  readonly unanswered: Unanswered | undefined;
}

/** The worst finding counts; without any, a case whose own question is open has not passed. */
export function verdictOf({ error, findings, unanswered }: VerdictFacts): { verdict: Verdict; says: string } {
  if (error !== undefined) return { verdict: 'error', says: error };
  const roots = rootsOf(findings);
  const worst = roots.find(({ verdict }) => verdict === 'fail') ?? roots[0];
  if (worst) return { verdict: worst.verdict, says: worst.says };
  return unanswered ?? { verdict: 'pass', says: 'Everything that was demanded held.' };
}
