/**
 * Shows that verdicts can be trusted: the same cases in front of the same driver several times over, each time in
 * another order, have to be judged the same.
 */
import type { CaseJudged, Verdict } from '../../reports/record/model.ts';
import { ExpectationBook } from '../scoring/expectations.ts';
import { planRun } from './plan.ts';
import { run, type RunObserver, type RunOptions } from './run.ts';

/** What of a run is only told to its log, and of no matter where there is none. */
const UNLOGGED = { revision: '1.4', command: '', repeat: (id: string) => id } as const satisfies Partial<RunOptions>;

export interface VerifyOptions
  extends Omit<RunOptions, keyof typeof UNLOGGED | 'plan' | 'log' | 'expectations' | 'observer'> {
  readonly globs: readonly string[];
  /** Rounds, 2 at least. */
  readonly times: number;
  readonly observer: RunObserver & { roundStarted(round: number, seed: number): void };
}

/** What must not change: the verdict, and which requirements were found broken. */
interface Outcome {
  readonly verdict: Verdict;
  readonly broken: readonly string[];
}

export interface Round {
  readonly seed: number;
  /** By the id of a variant. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

export interface ChangedVariant {
  readonly id: string;
  /** The rounds that agree with each other, numbered from 1, in the order of their first. */
  readonly groups: readonly { readonly rounds: readonly number[]; readonly outcome: Outcome }[];
}

export interface VerifyResult {
  readonly rounds: readonly Round[];
  readonly changed: readonly ChangedVariant[];
  /** Errors of the harness: a sentence each. */
  readonly errors: readonly string[];
  /** Whether every round played its whole plan. */
  readonly isComplete: boolean;
}

const SEEDS = 2 ** 32;

/** Seed of a round, from 1 on; no two rounds have the same. */
const seedOf = (first: number, round: number): number => (first + round - 1) % SEEDS;

/**
 * Plays `times` rounds, or as many as an interruption leaves. Rejects with `HarnessError` if the driver does not start.
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const { times, globs, observer, catalogue } = options;
  const rounds: Round[] = [];
  const errors: string[] = [];
  let unplayedCount = 0;
  for (let round = 1; round <= times && !options.signal.aborted; round++) {
    const seed = seedOf(options.seed, round);
    const outcomes = new Map<string, Outcome>();
    observer.roundStarted(round, seed);
    const footer = await run({
      ...options,
      ...UNLOGGED,
      seed,
      plan: planRun(catalogue, { globs, seed, shuffle: true, profile: options.profile }),
      expectations: () => new ExpectationBook([]),
      log: () => {},
      observer: {
        started: (total, identity) => observer.started(total, identity),
        caseStarted: (id) => observer.caseStarted(id),
        caseJudged: (judged) => {
          outcomes.set(judged.id, outcomeOf(judged));
          if (judged.verdict === 'error') errors.push(`round ${round}, ${judged.id}: ${judged.says}`);
          observer.caseJudged(judged);
        },
      },
    });
    unplayedCount += footer.notRun.length;
    rounds.push({ seed, outcomes });
  }
  return {
    rounds,
    changed: changedVariants(rounds),
    errors,
    isComplete: rounds.length === times && unplayedCount === 0,
  };
}

function outcomeOf({ verdict, findings }: CaseJudged): Outcome {
  return { verdict, broken: [...new Set(findings.map(({ requirement }) => requirement))].toSorted() };
}

/** The variants whose rounds do not all agree; a round that did not come to a variant has no say. */
export function changedVariants(rounds: readonly Round[]): ChangedVariant[] {
  const ids = new Set(rounds.flatMap(({ outcomes }) => [...outcomes.keys()]));
  return [...ids].toSorted().flatMap((id) => {
    const groups = new Map<string, { rounds: number[]; outcome: Outcome }>();
    for (const [index, { outcomes }] of rounds.entries()) {
      const outcome = outcomes.get(id);
      if (outcome === undefined) continue;
      const key = JSON.stringify([outcome.verdict, outcome.broken]);
      const group = groups.get(key) ?? { rounds: [], outcome };
      group.rounds.push(index + 1);
      groups.set(key, group);
    }
    return groups.size > 1 ? [{ id, groups: [...groups.values()] }] : [];
  });
}
