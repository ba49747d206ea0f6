import { type EventOf, hex, mappingAt, type Seen, type SlotName, type TraceEvent } from '../api/index.ts';

/**
 * Judges that no request removes a mapping under what the endpoint in `slot` was told of and has not given back. What is mapped
 * again before the endpoint does anything, and before the driver answers, has not been missed.
 */
export function judgeRemovals(seen: Seen<'platform/free/not-while-in-use'>, slot: SlotName): void {
  const isTurn = (event: TraceEvent): boolean =>
    event.kind === 'answer' || ((event.kind === 'dma' || event.kind === 'returned') && event.endpoint === slot);
  const inUse = new Map<string, EventOf<'exposed'>>();
  for (const [index, event] of seen.events.entries()) {
    if (event.kind === 'exposed' && event.endpoint === slot && event.reachable) inUse.set(keyOf(event), event);
    if (event.kind === 'returned' && event.endpoint === slot) inUse.delete(keyOf(event));
    if (event.kind !== 'request') continue;
    const turn = seen.events.find((later) => later.seq > event.seq && isTurn(later));
    const [before, after, later] = [event, seen.events[index + 1], turn].map(
      (at) => at && seen.world.mappingsFor(slot, at),
    );
    const gone = after && before?.filter(({ madeBy }) => !after.some((mapping) => mapping.madeBy === madeBy));
    if (!gone || !later || gone.length === 0) continue;
    const missed = [...inUse.values()].find(
      ({ address }) => mappingAt({ mappings: gone }, address) && !mappingAt({ mappings: later }, address),
    );
    seen.check(
      'platform/free/not-while-in-use',
      missed === undefined,
      event,
      `${event.name ?? ''} removes the mapping of ${hex(missed?.address ?? 0)}, a ${missed?.what ?? ''} that the endpoint has not given back.`,
    );
  }
}

const keyOf = ({ address, length, access }: Pick<EventOf<'returned'>, 'address' | 'length' | 'access'>): string =>
  `${address} ${length} ${access}`;
