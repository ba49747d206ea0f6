import { type EventOf, hex, mappingAt, type Seen, type SlotName } from '../api/index.ts';

/** Judges that no request removes a mapping under what the endpoint in `slot` was told of and has not given back. */
export function judgeRemovals(seen: Seen<'platform/free/not-while-in-use'>, slot: SlotName): void {
  const inUse = new Map<string, EventOf<'exposed'>>();
  for (const [index, event] of seen.events.entries()) {
    if (event.kind === 'exposed' && event.endpoint === slot && event.reachable) inUse.set(keyOf(event), event);
    if (event.kind === 'returned' && event.endpoint === slot) inUse.delete(keyOf(event));
    const next = seen.events[index + 1];
    if (event.kind !== 'request' || next === undefined) continue;
    const before = seen.world.mappingsFor(slot, event);
    const after = seen.world.mappingsFor(slot, next);
    const mappings = after && before?.filter(({ madeBy }) => !after.some((mapping) => mapping.madeBy === madeBy));
    if (mappings === undefined || mappings.length === 0) continue;
    const taken = [...inUse.values()].find(({ address }) => mappingAt({ mappings }, address) !== undefined);
    seen.check(
      'platform/free/not-while-in-use',
      taken === undefined,
      event,
      `${event.name ?? ''} removes the mapping of ${hex(taken?.address ?? 0)}, a ${taken?.what ?? ''} that the endpoint has not given back.`,
    );
  }
}

const keyOf = ({ address, length, access }: Pick<EventOf<'returned'>, 'address' | 'length' | 'access'>): string =>
  `${address} ${length} ${access}`;
