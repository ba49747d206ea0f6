/** Accesses to addresses that were taken away from an endpoint: each of them has to fault. */
import type { EventOf } from '../../reference-device/trace-events.ts';
import type { Seen } from './vocabulary.ts';

type Judge<Id extends string> = Pick<Seen<Id>, 'check' | 'untested' | 'driver'>;

type Stale<Id extends string> = [
  requirement: Id,
  accesses: readonly EventOf<'dma'>[],
  says: (access: EventOf<'dma'>) => string,
];

/**
 * Judges by `requirement` that each of `accesses` faulted; `says` tells of one that went through. Where the endpoint is in
 * no domain and the global bypass is on, nothing is translated for it, and what became of a mapping cannot be told.
 */
export function judgeStale<Id extends string>(seen: Judge<Id>, ...[requirement, accesses, says]: Stale<Id>): void {
  for (const access of accesses) {
    if (access.bypassed) seen.untested('The endpoint is in no domain, and the global bypass lets it through.');
    else seen.check(requirement, access.outcome === 'fault', access, says(access));
  }
}

/** Like `judgeStale`, after an unmap that was confirmed: a driver that unmaps lazily says so, and is not judged by it. */
export function judgeUnmapped<Id extends string>(seen: Judge<Id>, ...stale: Stale<Id>): void {
  if (!seen.driver.lazyUnmap) judgeStale(seen, ...stale);
}

/** `write at 0xfffff000`, for the sentence. */
export const accessText = ({ access, address }: EventOf<'dma'>): string => `${access} at 0x${address.toString(16)}`;
