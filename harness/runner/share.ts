/** Shares a plan out among jobs: each gets one variant at a time, and all are played. */
import { type Described, descriptionKey } from '../driver-contract/driver-session.ts';
import { describedGroups, type PlannedVariant } from './plan.ts';

/** A guest boots in the time of so many variants: fewer are no reason to start another one in front of the same machine. */
const WORTH_A_BOOT = 30;

/** Whether a driver that starts slowly is to be started more than once in front of a machine that is `described` so. */
export function isWorthASecond(plan: readonly PlannedVariant[], described: Described): boolean {
  const key = descriptionKey(described);
  return plan.filter(({ setup }) => descriptionKey(setup) === key).length > WORTH_A_BOOT;
}

interface Group {
  readonly rest: PlannedVariant[];
  isBegun: boolean;
}

export class Share {
  /** By what the platform's description says, in the order of the plan. */
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #leastToJoin: number;

  /** `startsSlowly` is the driver's. */
  constructor(plan: readonly PlannedVariant[], startsSlowly: boolean) {
    this.#groups = new Map(
      describedGroups(plan).map((group) => [descriptionKey(group[0].setup), { rest: [...group], isBegun: false }]),
    );
    this.#leastToJoin = startsSlowly ? WORTH_A_BOOT : 1;
  }

  /**
   * The next variant for a job that stands in front of a machine that is `described` so; undefined if nothing is left for it. The
   * first of the plan goes first, so that what is known by then can be written down in the plan's order.
   */
  next(described: Described | undefined): PlannedVariant | undefined {
    const own = described && this.#groups.get(descriptionKey(described));
    const group = own && own.rest.length > 0 ? own : [...this.#groups.values()].find((it) => this.#isOpen(it));
    if (!group) return undefined;
    group.isBegun = true;
    return group.rest.shift();
  }

  #isOpen({ rest, isBegun }: Group): boolean {
    return rest.length >= (isBegun ? this.#leastToJoin : 1);
  }
}
