import {
  defineMonitor,
  describedPlace,
  type EventOf,
  hasOwnDriver,
  hex,
  keptMappings,
  STATUS,
  type Seen,
  type SlotName,
  statusByte,
  type TraceEvent,
} from '../api/index.ts';

/** From the first step of bringing an endpoint up until it was reset; both `seq`. */
interface Life {
  readonly slot: SlotName;
  readonly begun: number;
  readonly over: number;
  /** Whether DRIVER_OK was set in it. */
  readonly wasUp: boolean;
}

/** The lives of endpoints with drivers of their own, as they end. */
class Lives {
  readonly #begun = new Map<string, { readonly seq: number; isUp: boolean }>();
  readonly #over = new Map<string, Life>();

  apply(event: TraceEvent): void {
    const status = statusByte(event, 'register-write');
    if (status === undefined || event.kind !== 'register-write' || !hasOwnDriver(event.device)) return;
    const { device, seq } = event;
    const life = this.#begun.get(device);
    if (status === 0) {
      if (life) this.#over.set(device, { slot: device as SlotName, begun: life.seq, over: seq, wasUp: life.isUp });
      this.#begun.delete(device);
      return;
    }
    // Whoever begins again is not done.
    if (!life) {
      this.#over.delete(device);
      this.#begun.set(device, { seq, isUp: false });
    } else if ((status & STATUS.DRIVER_OK) !== 0) life.isUp = true;
  }

  /** Those that have ended since the last call, for good. */
  take(): readonly Life[] {
    const lives = [...this.#over.values()];
    this.#over.clear();
    return lives;
  }
}

type Request = EventOf<'request'>;

function judgeLife(seen: Seen<'platform/free/unmapped-on-release'>, life: Life, answer: EventOf<'answer'>): void {
  const { slot, begun, over, wasUp } = life;
  const place = describedPlace(slot, seen.setup.topology);
  const now = seen.world.before(answer);
  if (place === undefined || now.isLent(slot) || now.isSuspended(place.iommu)) return;
  // Behind a forged used entry a driver does not know what it has mapped.
  if (now.domains(place.iommu).isLost) return;
  const kept = keptMappings(seen.events, place.iommu, place.id, answer);
  if (kept === undefined) return;
  const maps = seen.named('MAP').filter(({ seq }) => begun < seq && seq < over);
  // Who was refused the same range may know nothing of a second MAP that was not.
  const isRefused = ({ device, fields }: Request): boolean =>
    maps.some((other) => other.device === device && isSame(other.fields, fields) && seen.answerTo(other)?.status !== 0);
  // Nor can a driver unmap what the device does not let go of.
  const isHeldBack = ({ device, fields }: Request): boolean =>
    seen.named('UNMAP').some((unmap) => {
      const covers = unmap.device === device && isWithin(fields, unmap.fields);
      return covers && seen.answerTo(unmap)?.fault !== undefined;
    });
  // Buffers of `alloc` are their users', and the doorbell of interrupts may be the platform's.
  const isOwn = (map: Request): boolean =>
    !isRefused(map) && !isHeldBack(map) && !isAllocated(seen, map) && map.target?.registers !== true;
  const left = maps.find((map) => kept.some(({ madeBy }) => madeBy === map.seq) && isOwn(map));
  const range = `${hex(left?.fields.virt_start ?? 0n)} to ${hex(left?.fields.virt_end ?? 0n)}`;
  const manner = wasUp ? 'up' : 'brought up, in vain';
  seen.check(
    'platform/free/unmapped-on-release',
    left === undefined,
    left ?? answer,
    `${range} is mapped for ${slot} while its driver is ${manner}, and still is when '${answer.verb}' is answered.`,
  );
}

const isWithin = (inner: Request['fields'], outer: Request['fields']): boolean =>
  inner.domain === outer.domain &&
  (outer.virt_start ?? 0n) <= (inner.virt_start ?? 0n) &&
  (inner.virt_end ?? 0n) <= (outer.virt_end ?? 0n);

const isSame = (a: Request['fields'], b: Request['fields']): boolean =>
  a.domain === b.domain && a.virt_start === b.virt_start && a.virt_end === b.virt_end;

const isAllocated = (seen: Pick<Seen, 'of'>, { seq }: Request): boolean =>
  seen.of('verb').findLast((verb) => verb.seq < seq)?.verb === 'alloc';

export default defineMonitor({
  id: 'released-memory',
  title: 'When the driver of an endpoint is down, or could not be brought up, nothing of what it has mapped is left',
  requirements: ['platform/free/unmapped-on-release'],
  judge(seen) {
    const lives = new Lives();
    for (const event of seen.events) {
      lives.apply(event);
      if (event.kind !== 'answer') continue;
      const over = lives.take();
      // On the way down nobody has to tidy up.
      if (event.verb !== 'shutdown') for (const life of over) judgeLife(seen, life, event);
    }
  },
  mustCatch: {
    'error-path-keeps-mapping': 'platform/free/unmapped-on-release',
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
    'rng-keeps-ring-mapping': 'platform/free/unmapped-on-release',
  },
});
