import { counted, defineMonitor, type EventOf, type Seen, hex } from '../api/index.ts';
import { queueLives } from './queue-lives.ts';
import { inSession, negotiated, inEachSession } from './sessions.ts';

type Reason = EventOf<'ring-break'>['reason'];

const REQUIREMENTS = [
  'packed/driver/layout/alignment',
  'packed/driver/desc/no-change-before-used',
  'packed/driver/desc/no-change-after-avail',
  'core/driver/cleanup/no-change-of-exposed-entries',
  'packed/driver/sg/list-within-queue-size',
  'packed/driver/sg/readable-before-writable',
  'packed/driver/sg/room-for-whole-list',
  'packed/driver/sg/no-partial-list-reliance',
  'packed/driver/sg/head-exposed-last',
  'packed/driver/indirect/indirect-needs-feature',
  'packed/driver/indirect/only-write-flag-in-table',
  'packed/driver/indirect/no-indirect-in-chain',
  'packed/prose/wrap-counter-1',
  'packed/prose/avail-used-bits',
  'packed/prose/flags-in-every-descriptor',
  'packed/prose/buffer-id-in-last',
  'packed/prose/id-range',
  'packed/prose/ring-zeroed',
  'packed/prose/event-flags',
  'packed/prose/no-mixed-list',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

type Breaches = Readonly<Partial<Record<Reason, readonly Ids[]>>>;

/** What only a list of several descriptors can show. */
const OF_LONG_LISTS: readonly Ids[] = [
  'packed/driver/sg/head-exposed-last',
  'packed/driver/sg/no-partial-list-reliance',
  'packed/prose/flags-in-every-descriptor',
];
/** Which requirements a broken list breaks. `list-incomplete` needs a closer look; others have no sentence of their own. */
const OF_LISTS: Breaches = {
  'chain-longer-than-queue': ['packed/driver/sg/list-within-queue-size'],
  'writable-before-readable': ['packed/driver/sg/readable-before-writable'],
  'buffer-id-in-flight': ['packed/prose/buffer-id-in-last'],
  'list-without-room': ['packed/driver/sg/no-partial-list-reliance', 'packed/driver/sg/room-for-whole-list'],
  'ring-overrun': ['packed/driver/desc/no-change-before-used', 'packed/driver/sg/room-for-whole-list'],
  'wrap-counter-wrong': ['packed/prose/wrap-counter-1'],
  'descriptor-marks-wrong': ['packed/prose/avail-used-bits'],
};
const OF_TABLES: Breaches = {
  'indirect-not-negotiated': ['packed/driver/indirect/indirect-needs-feature'],
  'indirect-in-list': ['packed/driver/indirect/no-indirect-in-chain', 'packed/prose/no-mixed-list'],
};
/** When it returns a buffer, the device looks whether the descriptor that it writes over is as it was. */
const AT_RETURN: Breaches = {
  'descriptor-changed': [
    'packed/driver/desc/no-change-after-avail',
    'core/driver/cleanup/no-change-of-exposed-entries',
  ],
};
const BREACHES: Breaches = { ...OF_LISTS, ...OF_TABLES, ...AT_RETURN };

/** What has shown to hold where nothing of it is broken. */
const heldBy = (breaches: Breaches): Ids[] => [...new Set(Object.values(breaches).flat())];
const HELD_BY_LISTS = heldBy(OF_LISTS).filter((id) => !OF_LONG_LISTS.includes(id));

const WRITE = 2;
const INDIRECT = 4;

const EVENTS_AT_DESCRIPTOR = 2;

function judgeSetup(seen: Seen<Ids>, enabled: EventOf<'queue-enabled'>): void {
  const { queue, desc, driver, device_area: device, availableDescriptors, nonzeroDescriptor } = enabled;
  seen.check(
    'packed/driver/layout/alignment',
    desc % 16n === 0n && driver % 4n === 0n && device % 4n === 0n,
    enabled,
    `queue ${queue} has its parts at ${hex(desc)}, ${hex(driver)} and ${hex(device)}; they have to be multiples of 16, 4 and 4.`,
  );
  if (availableDescriptors === undefined) return;
  seen.check(
    'packed/prose/ring-zeroed',
    nonzeroDescriptor === undefined,
    enabled,
    `queue ${queue} is enabled with something in descriptor ${nonzeroDescriptor}, and only ${availableDescriptors} are available.`,
  );
}

function judgeList(seen: Seen<Ids>, size: number, eventIdx: boolean, chain: EventOf<'chain'>): void {
  const { queue, descriptors, headIndex, availFlags } = chain;
  seen.held(HELD_BY_LISTS, chain);
  const direct = descriptors.filter(({ table }) => table === 'direct');
  if (direct.length > 1) seen.held(OF_LONG_LISTS, chain);
  seen.check(
    'packed/prose/id-range',
    headIndex < size,
    chain,
    `Buffer ID ${headIndex} is used on queue ${queue}, which has ${counted(size, 'entry', 'entries')}.`,
  );
  seen.check(
    'packed/prose/event-flags',
    availFlags < EVENTS_AT_DESCRIPTOR || (availFlags === EVENTS_AT_DESCRIPTOR && eventIdx),
    chain,
    `flags of the Driver Event Suppression structure of queue ${queue} are ${hex(availFlags)}; 0, 1 and, with EVENT_IDX, 2 are allowed.`,
  );
  if (!direct.some(({ flags }) => (flags & INDIRECT) !== 0)) return;
  seen.held(heldBy(OF_TABLES), chain);
  const flagged = descriptors.find(({ table, flags }) => table === 'indirect' && (flags & ~WRITE) !== 0);
  seen.check(
    'packed/driver/indirect/only-write-flag-in-table',
    flagged === undefined,
    chain,
    `Descriptor ${flagged?.index} of an indirect table has flags ${hex(flagged?.flags ?? 0)}; only WRITE (2) may be set there.`,
  );
}

function judgeBreak(seen: Seen<Ids>, broken: EventOf<'ring-break'>): void {
  const says = `Queue ${broken.queue}: ${broken.says}.`;
  seen.check(BREACHES[broken.reason] ?? [], false, broken, says);
  if (broken.reason !== 'list-incomplete') return;
  // A descriptor that is still zero has not been written yet; another one was written without its marks.
  const last = broken.descriptors.at(-1);
  const unwritten = last !== undefined && last.addr === 0n && last.len === 0;
  const id = unwritten ? 'packed/driver/sg/head-exposed-last' : 'packed/prose/flags-in-every-descriptor';
  seen.check(id, false, broken, says);
}

export default defineMonitor({
  id: 'packed-ring',
  title: 'Lists in a packed ring are whole, marked in every round, and asked for by the rules',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    if (!negotiated(session, 'VIRTIO_F_RING_PACKED')) return;
    const eventIdx = negotiated(session, 'VIRTIO_F_EVENT_IDX');
    for (const { enabled, events } of queueLives(session)) {
      judgeSetup(seen, enabled);
      for (const event of events) if (event.kind === 'chain') judgeList(seen, enabled.size, eventIdx, event);
    }
    for (const completion of inSession(session, 'completion')) seen.held(heldBy(AT_RETURN), completion);
    for (const broken of inSession(session, 'ring-break')) judgeBreak(seen, broken);
  }),
  mustCatch: {
    'packed-ring-misaligned': 'packed/driver/layout/alignment',
    'packed-event-misaligned': 'packed/driver/layout/alignment',
    'rings-not-cleared': 'packed/prose/ring-zeroed',
    'packed-wrap-not-flipped': 'packed/prose/wrap-counter-1',
    'packed-wrap-starts-0': 'packed/prose/wrap-counter-1',
    'packed-used-bit-set': 'packed/prose/avail-used-bits',
    'accepts-ring-packed': 'packed/prose/avail-used-bits',
    'packed-head-first': 'packed/driver/sg/head-exposed-last',
    'packed-mask': 'packed/driver/sg/head-exposed-last',
    'packed-list-unmarked': 'packed/prose/flags-in-every-descriptor',
    'packed-list-begun-without-room': 'packed/driver/sg/no-partial-list-reliance',
    'packed-head-as-room-allows': 'packed/driver/sg/no-partial-list-reliance',
    'packed-changes-exposed': [
      'packed/driver/desc/no-change-after-avail',
      'core/driver/cleanup/no-change-of-exposed-entries',
    ],
    'packed-overruns-ring': ['packed/driver/sg/room-for-whole-list', 'packed/driver/desc/no-change-before-used'],
    'packed-event-garbage': 'packed/prose/event-flags',
    'packed-event-desc-without-feature': 'packed/prose/event-flags',
    'packed-next-in-table': 'packed/driver/indirect/only-write-flag-in-table',
    'packed-indirect-in-list': ['packed/driver/indirect/no-indirect-in-chain', 'packed/prose/no-mixed-list'],
    'writable-before-readable': 'packed/driver/sg/readable-before-writable',
    'indirect-without-feature': 'packed/driver/indirect/indirect-needs-feature',
    'indirect-longer-than-queue': 'packed/driver/sg/list-within-queue-size',
    'packed-head-first-when-busy': 'packed/driver/sg/head-exposed-last',
    'packed-counts-buffers': ['packed/driver/sg/room-for-whole-list', 'packed/driver/desc/no-change-before-used'],
    'packed-id-in-use': 'packed/prose/buffer-id-in-last',
    'packed-id-beyond-ring': 'packed/prose/id-range',
    'packed-marks-in-table': 'packed/driver/indirect/only-write-flag-in-table',
    'packed-withdraws-buffer': [
      'packed/driver/desc/no-change-after-avail',
      'core/driver/cleanup/no-change-of-exposed-entries',
    ],
    'packed-tail-behind-table': 'packed/driver/indirect/no-indirect-in-chain',
    'map-parts-swapped': 'packed/driver/sg/readable-before-writable',
    'indirect-for-long-requests': 'packed/driver/indirect/indirect-needs-feature',
    'request-in-single-bytes': 'packed/driver/sg/list-within-queue-size',
  },
});
