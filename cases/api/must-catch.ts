import type { RequirementId } from '../requirements/index.ts';

/** Faults of the sample driver, each with the requirement, or the requirements, that it is to be found breaking. */
export type MustCatch<Id extends RequirementId> = Readonly<Record<string, Id | readonly Id[]>>;

/** The same with a list for every fault. */
export type Catches = Readonly<Record<string, readonly RequirementId[]>>;

/** What an author wrote, with a list for every fault. */
export function catchesOf(text: MustCatch<RequirementId>): Catches {
  return Object.fromEntries(
    Object.entries(text).map(([fault, broken]) => [fault, typeof broken === 'string' ? [broken] : broken]),
  );
}
