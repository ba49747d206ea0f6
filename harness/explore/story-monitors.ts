/** What single cases ask in their own rows is asked of every story, behind which no case stands. */
import { describedPlace, isIsolable } from '../../reference-device/topology/topologies.ts';
import { defineMonitor, type Monitor } from '../../cases/api/define-monitor.ts';
import { judgeFirstFill } from '../../cases/api/first-fill.ts';
import type { Call, Seen } from '../../cases/api/vocabulary.ts';
import { hex } from '../../cases/api/words.ts';
import { hasOwnDriver } from '../../cases/world/world.ts';

/** Verbs that leave a driver able to do everything that it could do before. */
const HARMLESS: ReadonlySet<string> = new Set(['start', 'stop', 'alloc', 'free', 'io', 'regions', 'faults']);

/** Of these, what no driver that has the verb at all has a reason to refuse: bytes at once, and allocations. */
const LENGTH_MOST = 0x1000;
const ALLOCATIONS_MOST = 16;

function isModest({ verb, args }: Call, buffers: ReadonlySet<string>): boolean {
  const isShort = Number(args['length'] ?? 0) <= LENGTH_MOST;
  if (verb === 'start') return true;
  if (verb === 'io') return isShort && args['background'] === undefined;
  return verb === 'alloc' && isShort && buffers.size < ALLOCATIONS_MOST && !buffers.has(args['buffer'] ?? '');
}

const ordinaryRequests = defineMonitor({
  id: 'ordinary-requests',
  title: 'In a machine without any peculiarity a driver refuses nothing that it has the verb for',
  requirements: ['platform/contract/claimed-verbs-work'],
  judge(seen) {
    if (!seen.setup.isOrdinary) return;
    const buffers = new Set<string>();
    const slots = new Set<string>(seen.setup.slots);
    let isUp = false;
    for (const call of seen.calls()) {
      const { verb, args, answer, ok } = call;
      const isForSomebody = args['endpoint'] === undefined || slots.has(args['endpoint']);
      const isSkipped = answer.outcome === 'skip';
      // From here on the driver may have its reasons.
      if (!HARMLESS.has(verb) || seen.of('plug').some(({ seq }) => seq < answer.seq)) return;
      if (isForSomebody && !isSkipped && (isUp || verb === 'start') && isModest(call, buffers)) {
        seen.check(
          'platform/contract/claimed-verbs-work',
          ok,
          answer,
          `'${verb}' is refused in a machine without any peculiarity: ${answer.reason ?? 'no reason given'}.`,
        );
      }
      if (!ok && isUp && !isSkipped) return;
      if (!ok) continue;
      if (verb === 'start' || verb === 'stop') isUp = verb === 'start';
      if (verb === 'alloc') buffers.add(args['buffer'] ?? '');
      if (verb === 'free') buffers.delete(args['buffer'] ?? '');
      if (verb === 'stop') buffers.clear();
    }
  },
  mustCatch: {},
});

const firstFill = defineMonitor({
  id: 'first-fill',
  title: 'The device is notified of the buffers with which eventq is filled',
  requirements: [
    'split/driver/avail-suppression/kick-when-flag-0',
    'split/driver/avail-suppression/kick-at-avail-event',
  ],
  judge: judgeFirstFill,
  mustCatch: {},
});

/** That of the property whose reserved bits a drawn device sets. */
export const TAMPERED_REGION = { start: 0x5000_0000n, end: 0x5000_ffffn } as const;
const TAMPERED_LINE = `${hex(TAMPERED_REGION.start)} ${hex(TAMPERED_REGION.end)} `;

const reservedTypeBits = defineMonitor({
  id: 'reserved-type-bits',
  title: 'A property whose reserved type bits are set names no region',
  requirements: ['iommu/driver/probe/ignore-reserved-bits-property'],
  judge(seen) {
    const tampered = seen.of('completion').find(({ fault }) => fault?.includes('probe-reserved-type-bits'));
    if (tampered === undefined) return;
    for (const { answer, ok, values } of seen.calls('regions')) {
      const { regions } = values;
      if (!ok || answer.seq < tampered.seq || !Array.isArray(regions)) continue;
      const line = regions.map(String).find((text) => `${text} `.startsWith(TAMPERED_LINE));
      if (line === undefined) continue;
      const says = `The driver reports the region '${line}', which only a property with reserved type bits names.`;
      seen.check('iommu/driver/probe/ignore-reserved-bits-property', false, answer, says);
    }
  },
  mustCatch: {},
});

const STATUS_OK = 0;

/** Verbs after which every endpoint can still be attached. */
const LEAVES_ENDPOINTS: ReadonlySet<string> = new Set([
  'alloc',
  'attach',
  'faults',
  'free',
  'io',
  'map',
  'regions',
  'unmap',
]);

/**
 * The attachments which a driver that is up has no reason of its own to refuse: to a domain that nobody has named before, by those
 * who have no driver of their own.
 */
function* plainAttachments(seen: Seen<never>): Generator<Call> {
  const named = new Set<string>();
  let isUp = false;
  for (const call of seen.calls()) {
    const { verb, args, ok } = call;
    const { domain } = args;
    if (verb === 'start' || verb === 'stop') isUp = ok && verb === 'start';
    else if (!LEAVES_ENDPOINTS.has(verb)) return;
    else if (isUp && verb === 'attach' && args['bypass'] === undefined && !named.has(domain ?? '')) yield call;
    if (domain !== undefined) named.add(domain);
  }
}

const attachedByDescription = defineMonitor({
  id: 'attached-by-description',
  title: 'An endpoint that is described is attached, by the ID and at the IOMMU that its description says',
  requirements: ['iommu/prose/endpoint-id-from-platform'],
  judge(seen) {
    if (!seen.setup.hasOrdinaryDevices) return;
    for (const { args, answer, ok, requests } of plainAttachments(seen)) {
      const slot = seen.setup.slots.find((one) => one === args['endpoint']);
      const place = slot && describedPlace(slot, seen.setup.topology);
      if (!place || hasOwnDriver(slot) || !isIsolable(slot, seen.setup.topology)) continue;
      const { iommu, id } = place;
      const wasRead = seen
        .of('register-read')
        .some(({ device, structure }) => device === iommu && structure !== 'pci-config');
      const grantsOthers = seen
        .named('ATTACH')
        .some((it) => it.device === iommu && seen.answerTo(it)?.status === STATUS_OK);
      if (!ok && wasRead && !grantsOthers) continue;
      const sent = ok ? seen.named('ATTACH') : requests('ATTACH');
      const isNamed = sent.some(({ device, fields }) => device === iommu && fields.endpoint === id);
      const says = `${slot} is endpoint ${hex(id)} at ${iommu}; ${ok ? 'it counts as attached' : 'its attachment is refused'}, and no ATTACH there names it.`;
      seen.check('iommu/prose/endpoint-id-from-platform', isNamed, answer, says);
    }
  },
  mustCatch: {},
});

/** Those who judge stories: the catalogue's, and a few more. */
export const storyMonitors = (monitors: readonly Monitor[]): Monitor[] => [
  ...monitors,
  ordinaryRequests,
  firstFill,
  reservedTypeBits,
  attachedByDescription,
];
