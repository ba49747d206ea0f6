import {
  counted,
  defineMonitor,
  describedPlace,
  type EventOf,
  hex,
  isMappedThrough,
  type Seen,
  type SlotName,
} from '../api/index.ts';

const REQUIREMENTS = ['platform/map/reachable-when-exposed', 'platform/free/not-while-in-use'] as const;
type Ids = (typeof REQUIREMENTS)[number];

type Exposed = EventOf<'exposed'>;

const nameOf = ({ endpoint, address, length, access }: Omit<EventOf<'returned'>, 'kind' | 'seq'>): string =>
  `${endpoint} ${address} ${length} ${access}`;

/** `ring at 0xfffff000 (256 bytes, write)`, for the sentence. */
const textOf = ({ what, address, length, access }: Exposed): string =>
  `${what} at ${hex(address)} (${counted(length, 'byte')}, ${access})`;

/** Whether it is mapped for the endpoint just before `event`; undefined if that cannot be told, or the endpoint is not translated. */
function isMapped(seen: Seen<Ids>, exposed: Exposed, event: { seq: number }): boolean | undefined {
  const place = describedPlace(exposed.endpoint as SlotName, seen.setup.topology);
  if (place === undefined) return undefined;
  const before = seen.world.before(event);
  const domains = before.domains(place.iommu);
  if (before.isLent(exposed.endpoint) || !domains.knows(place.id)) return undefined;
  const domain = domains.around(place.id);
  if (domain === undefined) return false;
  const { address, length } = exposed;
  if (!domain.certain || domain.bypass) return undefined;
  return isMappedThrough(domain, address, address + BigInt(length) - 1n);
}

/** What the endpoint itself found, when it used its rings and buffers. */
function judgeAccess(seen: Seen<Ids>, held: ReadonlyMap<string, Exposed>, access: EventOf<'dma'>): void {
  if (access.cause === 'harness' || access.outcome !== 'fault') return;
  const own = [...held.values()].find(
    ({ endpoint, address, length }) =>
      endpoint === access.endpoint && address <= access.address && access.address < address + BigInt(length),
  );
  if (own === undefined) return;
  seen.check(
    'platform/free/not-while-in-use',
    seen.world.reached(access),
    access,
    `${access.endpoint} faults on a ${access.access} at ${hex(access.address)}, in the ${textOf(own)} that it has not given back.`,
  );
}

/** Whether the endpoint has been put in or taken out, or its IOMMU has been pulled out. */
const isGone = ({ setup }: Seen<Ids>, slot: string, event: EventOf<'plug' | 'reset'>): boolean =>
  event.kind === 'plug'
    ? slot === event.slot
    : describedPlace(slot as SlotName, setup.topology)?.iommu === event.device;

export default defineMonitor({
  id: 'endpoint-memory',
  title: 'Rings and buffers of an endpoint are mapped when it is told of them, and until it has given them back',
  requirements: REQUIREMENTS,
  judge(seen) {
    /** What endpoints have, and was mapped for them. */
    const held = new Map<string, Exposed>();
    for (const event of seen.events) {
      if (event.kind === 'exposed' && event.accessPlatform) {
        const says = `${event.endpoint} is told of the ${textOf(event)}, which is not mapped for it.`;
        seen.check('platform/map/reachable-when-exposed', seen.world.reachable(event), event, says);
        if (isMapped(seen, event, event) === true) held.set(nameOf(event), event);
      }
      if (event.kind === 'returned') held.delete(nameOf(event));
      if (event.kind === 'plug' || (event.kind === 'reset' && event.cause === 'removed'))
        for (const [name, { endpoint }] of held) if (isGone(seen, endpoint, event)) held.delete(name);
      if (event.kind === 'dma') judgeAccess(seen, held, event);
      // On the way down endpoints are brought to rest in whatever way, which is another question.
      if (event.kind === 'answer' && event.verb === 'shutdown') held.clear();
      // In the middle of a command a domain may be torn down and built up again.
      if (event.kind !== 'answer') continue;
      for (const [name, exposed] of held) {
        const mapped = isMapped(seen, exposed, event);
        seen.check(
          'platform/free/not-while-in-use',
          mapped,
          event,
          `After '${event.verb}', ${exposed.endpoint} still has the ${textOf(exposed)}, which is mapped for it no longer.`,
        );
        // Whatever is asked of the driver next, it is the same loss.
        if (mapped === false) held.delete(name);
      }
    }
  },
  mustCatch: {
    'idle-ring-unmapped': 'platform/free/not-while-in-use',
    'rng-ring-not-mapped': 'platform/map/reachable-when-exposed',
    'rng-unmaps-before-completion': 'platform/free/not-while-in-use',
  },
});
