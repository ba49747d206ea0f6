import {
  type Call,
  defineMonitor,
  describedPlace,
  type EventOf,
  hex,
  isIsolable,
  type Seen,
  type SlotName,
} from '../api/index.ts';

type Ids = 'platform/hot-plug/gone-endpoint-detached' | 'platform/hot-plug/gone-endpoint-left-alone';

/** An endpoint that is taken out in order: where it was when the driver was told, and where it is when that is done. */
function judgeUnplug(seen: Seen<Ids>, { args, asked, answer }: Call): void {
  const slot = args['endpoint'] ?? '';
  const place = describedPlace(slot as SlotName, seen.setup.topology);
  // Of several functions with one ID, which are one endpoint, the others may still be there.
  if (place === undefined || !isIsolable(slot as SlotName, seen.setup.topology)) return;
  const { iommu, id } = place;
  const before = seen.world.before(asked).domains(iommu);
  const old = before.knows(id) ? before.domainOf(id) : undefined;
  if (old === undefined) return;
  const after = seen.world.before(answer).domains(iommu);
  const now = after.domainOf(id);
  const isIdle = now === undefined || (now !== old && after.domain(now)?.mappings.length === 0);
  seen.check(
    'platform/hot-plug/gone-endpoint-detached',
    after.knows(id) && !seen.world.before(answer).isSuspended(iommu) ? isIdle : undefined,
    answer,
    `${slot} has been taken out, and endpoint ${hex(id)} is still in domain ${now}.`,
  );
}

/** Endpoints that have been pulled out, by IOMMU and ID. */
function judgeNames(seen: Seen<Ids>): void {
  const gone = new Map<string, EventOf<'answer'> | undefined>();
  let pulled: string | undefined;
  for (const event of seen.events) {
    if (event.kind === 'plug' && event.endpoint !== undefined) {
      pulled = `${event.device} ${event.endpoint}`;
      if (event.present) gone.delete(pulled);
      else gone.set(pulled, undefined);
    }
    // Before it has been told, a driver cannot know.
    if (event.kind === 'answer' && event.verb === 'unplug' && event.outcome === 'ok') {
      for (const name of gone.keys()) gone.set(name, gone.get(name) ?? event);
    }
    if (event.kind !== 'request' || event.fields.endpoint === undefined) continue;
    const told = gone.get(`${event.device} ${event.fields.endpoint}`);
    if (told === undefined) continue;
    seen.check(
      'platform/hot-plug/gone-endpoint-left-alone',
      event.name === 'DETACH',
      event,
      `${event.name ?? 'A request'} names endpoint ${hex(event.fields.endpoint)}, which has been taken out.`,
    );
  }
}

export default defineMonitor({
  id: 'gone-endpoints',
  title: 'An endpoint that has been taken out is in no domain any more, and is not named again',
  requirements: ['platform/hot-plug/gone-endpoint-detached', 'platform/hot-plug/gone-endpoint-left-alone'],
  judge(seen) {
    for (const call of seen.calls('unplug')) if (call.ok) judgeUnplug(seen, call);
    judgeNames(seen);
  },
  mustCatch: {
    'unplug-without-detach': 'platform/hot-plug/gone-endpoint-detached',
    'unplugged-endpoint-kept': 'platform/hot-plug/gone-endpoint-left-alone',
  },
});
