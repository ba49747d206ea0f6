import {
  defineMonitor,
  describedPlace,
  type Domain,
  type EventOf,
  hex,
  mapFlags,
  type Seen,
  type SlotName,
} from '../api/index.ts';
import { type Change, ConfirmedMappings, excessIn } from './confirmed-mappings.ts';
import { isEngine, overlaps, type Range } from './grants.ts';

const REQUIREMENTS = [
  'platform/map/exactly-as-asked',
  'platform/map/no-more-than-asked',
  'platform/free/unmapped-when-freed',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** The domain in which the endpoint in `slot` is; undefined if it is in none, passes by, or that cannot be told. */
function domainOf(seen: Seen<Ids>, slot: SlotName, answer: EventOf<'answer'>): Domain | undefined {
  const place = describedPlace(slot, seen.setup.topology);
  if (place === undefined) return undefined;
  const domains = seen.world.before(answer).domains(place.iommu);
  const domain = domains.knows(place.id) ? domains.around(place.id) : undefined;
  return domain?.certain && !domain.bypass ? domain : undefined;
}

/** Whether the device has refused to map some of the range. */
const wasRefused = (seen: Seen<Ids>, range: Range, { seq }: EventOf<'answer'>): boolean =>
  seen.named('MAP').some((map) => {
    const { virt_start: start = 0n, virt_end: end = 0n } = map.fields;
    return map.seq < seq && (seen.answerTo(map)?.status ?? 0) !== 0 && overlaps(range, { start, end });
  });

/** An answer, with what it says of mappings. */
interface Turn {
  readonly answer: EventOf<'answer'>;
  /** The endpoint and the domain that the command names. */
  readonly args: Readonly<Record<string, string>>;
  readonly change: Change | undefined;
}

function judgeEndpoint(seen: Seen<Ids>, confirmed: ConfirmedMappings, slot: SlotName, turn: Turn): void {
  const { answer, args, change } = turn;
  const domain = domainOf(seen, slot, answer);
  const name = confirmed.domainFor(slot);
  if (domain === undefined) return;
  const isBack = answer.verb === 'attach' && answer.outcome === 'ok' && args['domain'] === name;
  const absent = [...(isBack ? confirmed.returned(domain, name) : []), ...confirmed.missingIn(domain, name)];
  // That a driver takes a refusal for success is another breach.
  const missing = absent.find((range) => !wasRefused(seen, range, answer));
  const where = `in domain ${domain.id}, where ${slot} is`;
  const asked = `${hex(missing?.start ?? 0n)} to ${hex(missing?.end ?? 0n)}, which the driver has confirmed,`;
  seen.check(
    'platform/map/exactly-as-asked',
    missing === undefined,
    answer,
    `After '${answer.verb}', ${asked} is not mapped as it was asked for ${where}.`,
  );
  if (change?.domain !== name) return;
  if (change.what === 'made') {
    const excess = excessIn(domain, change);
    const wide = `${hex(excess?.virt_start ?? 0n)} to ${hex(excess?.virt_end ?? 0n)}`;
    const says = `${wide} is mapped ${where} with flags ${mapFlags(excess?.flags ?? 0)}, which is more than was asked for.`;
    seen.check('platform/map/no-more-than-asked', excess === undefined, answer, says);
    return;
  }
  const still = confirmed.stillIn(domain, change);
  const left = `${hex(still?.virt_start ?? 0n)} to ${hex(still?.virt_end ?? 0n)}`;
  seen.check(
    'platform/free/unmapped-when-freed',
    still === undefined,
    answer,
    `'${answer.verb}' is answered with ok, and ${left} is still mapped ${where}.`,
  );
}

/** After these the driver, or its IOMMU, begins anew. */
const BEGINNINGS: ReadonlySet<string> = new Set(['start', 'stop', 'shutdown', 'lose-iommu']);

export default defineMonitor({
  id: 'confirmed-mappings',
  title: 'What the driver has confirmed to be mapped is mapped, and what it has confirmed to be unmapped is not',
  requirements: REQUIREMENTS,
  judge(seen) {
    const slots = new Set<string>([...seen.setup.slots, ...seen.of('plug').map(({ slot }) => slot)]);
    const engines = [...slots].filter((slot) => isEngine(seen, slot)) as SlotName[];
    const confirmed = new ConfirmedMappings();
    let asked: EventOf<'verb'> | undefined;
    for (const event of seen.events) {
      if (event.kind === 'verb') asked = event;
      if (event.kind === 'reset' && seen.setup.iommus.some(({ name }) => name === event.device)) confirmed.forget();
      if (event.kind !== 'answer' || asked === undefined) continue;
      if (BEGINNINGS.has(event.verb)) confirmed.forget();
      const change = confirmed.apply(asked, event);
      for (const slot of engines) judgeEndpoint(seen, confirmed, slot, { answer: event, args: asked.args, change });
    }
  },
  mustCatch: {
    'map-never-sent': 'platform/map/exactly-as-asked',
    'map-end-equals-start': 'platform/map/exactly-as-asked',
    'error-rolls-back-others': 'platform/map/exactly-as-asked',
    'map-read-write-swapped': 'platform/map/no-more-than-asked',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
    'free-keeps-last-page': 'platform/free/unmapped-when-freed',
    'unmap-top': 'platform/free/unmapped-when-freed',
    'table-cap-64': 'platform/free/unmapped-when-freed',
  },
});
