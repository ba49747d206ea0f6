/** Which requirements are shown to be judged by too few faulty drivers. */
import { requirement } from '../../cases/requirements/index.ts';

/** A fault that is caught for a requirement. */
export interface Kill {
  readonly fault: string;
  readonly requirement: string;
}

export interface ThinProof {
  readonly requirement: string;
  /** Faults that are caught for it. */
  readonly killers: readonly string[];
  readonly wantedCount: number;
}

/**
 * A check that one fault alone has been seen to trip may have been made for that fault. A MUST of the specification
 * takes two that break it in different ways, anything else one.
 */
function wantedCount(id: string): number {
  const row = requirement(id);
  return row?.origin === 'virtio' && row.keyword.startsWith('MUST') ? 2 : 1;
}

/** The requirements among `judged` for which too few faults are caught, sorted by id. */
export function thinProofs(judged: Iterable<string>, kills: readonly Kill[]): ThinProof[] {
  const killers = new Map<string, Set<string>>();
  for (const { fault, requirement: id } of kills) killers.set(id, (killers.get(id) ?? new Set()).add(fault));
  return [...judged]
    .toSorted()
    .map((id) => ({ requirement: id, killers: [...(killers.get(id) ?? [])], wantedCount: wantedCount(id) }))
    .filter((it) => it.killers.length < it.wantedCount);
}
