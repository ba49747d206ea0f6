import { describedId, type EventOf, type Seen, type SlotName } from '../api/index.ts';

/** A request that took mappings away from an endpoint, and one of them that the endpoint still made use of. */
export interface Departure {
  readonly request: EventOf<'request'>;
  readonly taken: EventOf<'exposed'> | undefined;
}

/** Every UNMAP in the domain that the endpoint in `slot` is in, and every request by which it leaves a domain. */
export function departuresFrom(seen: Seen, slot: SlotName): Departure[] {
  const id = describedId(slot, seen.setup.topology);
  const held = new Map<string, EventOf<'exposed'>>();
  const departures: Departure[] = [];
  let domain: number | undefined;
  for (const event of seen.events) {
    if (event.kind === 'exposed' && event.endpoint === slot && event.reachable) held.set(nameOf(event), event);
    if (event.kind === 'returned' && event.endpoint === slot) held.delete(nameOf(event));
    if (event.kind !== 'request' || seen.answerTo(event)?.status !== 0) continue;
    const { name, fields } = event;
    if (name === 'UNMAP' && fields.domain === domain) {
      const { virt_start = 0n, virt_end = 0n } = fields;
      const taken = [...held.values()].find(({ address }) => address >= virt_start && address <= virt_end);
      departures.push({ request: event, taken });
    }
    if (fields.endpoint !== id || (name !== 'ATTACH' && name !== 'DETACH')) continue;
    const next = name === 'ATTACH' ? fields.domain : undefined;
    if (domain !== undefined && next !== domain) departures.push({ request: event, taken: [...held.values()][0] });
    domain = next;
  }
  return departures;
}

/** How a verdict tells of a departure. */
export const departureText = ({ request, taken }: Departure): string =>
  `${request.name ?? ''} takes 0x${taken?.address.toString(16) ?? ''} away, a ${taken?.what ?? ''} that the endpoint has not given back.`;

const nameOf = ({ address, length, access }: Pick<EventOf<'returned'>, 'address' | 'length' | 'access'>): string =>
  `${address} ${length} ${access}`;
