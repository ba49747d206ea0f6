import { counted, defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { type QueueLife, queueLives } from './queue-lives.ts';
import { inSession, negotiated, type Session, inEachSession, stagedAs } from './sessions.ts';

type Reason = EventOf<'ring-break'>['reason'];

const REQUIREMENTS = [
  'split/driver/framing/readable-before-writable',
  'split/driver/desc/chain-length-limit',
  'split/driver/indirect/indirect-needs-feature',
  'split/driver/indirect/no-nested-indirect',
  'split/driver/indirect/indirect-and-next-exclusive',
  'split/driver/indirect/chain-not-longer-than-queue',
  'split/driver/desc/in-order-next',
  'split/prose/in-order-descriptors',
  'split/driver/indirect/in-order-indirect-sequential',
  'split/prose/desc-flag-direction',
  'split/prose/index-within-table',
  'split/prose/indirect-table-length',
  'reserved-features/driver/physical-addresses-otherwise',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** Which requirement a broken chain breaks, and any other keeps. Other breaks have no sentence of the specification of their own. */
const OF_CHAINS: Readonly<Partial<Record<Reason, Ids>>> = {
  'writable-before-readable': 'split/driver/framing/readable-before-writable',
  'chain-loops': 'split/driver/desc/chain-length-limit',
  'chain-length-overflow': 'split/driver/desc/chain-length-limit',
  'chain-longer-than-queue': 'split/driver/indirect/chain-not-longer-than-queue',
  'descriptor-index-out-of-range': 'split/prose/index-within-table',
};
/** The same of chains with a table of indirect descriptors. */
const OF_TABLES: Readonly<Partial<Record<Reason, Ids>>> = {
  'indirect-not-negotiated': 'split/driver/indirect/indirect-needs-feature',
  'indirect-nested': 'split/driver/indirect/no-nested-indirect',
  'indirect-with-next': 'split/driver/indirect/indirect-and-next-exclusive',
  'indirect-length-not-multiple-of-16': 'split/prose/indirect-table-length',
  'indirect-empty': 'split/prose/indirect-table-length',
};
const HELD_BY_CHAINS = [...new Set(Object.values(OF_CHAINS))];
const HELD_BY_TABLES = [...new Set(Object.values(OF_TABLES))];

const NEXT = 1;
const INDIRECT = 4;
const EVENTQ = 1;

/** Requests carry something to read and something to write, event buffers only something to write. */
function judgeDirection(seen: Seen<Ids>, chain: EventOf<'chain'>): void {
  const { queue, readableLength, writableLength } = chain;
  const found = `A chain of queue ${queue} has ${counted(readableLength, 'byte')} without the flag WRITE and ${writableLength} with it`;
  seen.check(
    'split/prose/desc-flag-direction',
    writableLength > 0 && (queue !== EVENTQ || readableLength === 0),
    chain,
    `${found}; the device writes ${queue === EVENTQ ? 'all of an event buffer' : 'the tail'}.`,
  );
}

function judgeInOrder(seen: Seen<Ids>, size: number, chain: EventOf<'chain'>): void {
  for (const { table, index, flags, next } of chain.descriptors) {
    if ((flags & NEXT) === 0) continue;
    const direct = table === 'direct';
    const due = direct ? (index + 1) % size : index + 1;
    seen.check(
      direct ? 'split/driver/desc/in-order-next' : 'split/driver/indirect/in-order-indirect-sequential',
      next === due,
      chain,
      `IN_ORDER was negotiated, and the ${table} descriptor ${index} has next ${next}; it has to be ${due}.`,
    );
  }
}

/** With IN_ORDER descriptors are taken from 0 on, and from 0 again behind the last. */
function judgeRingOrder(seen: Seen<Ids>, { enabled: { size }, events }: QueueLife): void {
  let due = 0;
  for (const event of events) {
    if (event.kind !== 'chain') continue;
    const { headIndex, descriptors } = event;
    seen.check(
      'split/prose/in-order-descriptors',
      headIndex === due,
      event,
      `IN_ORDER was negotiated, and a chain of queue ${event.queue} begins at descriptor ${headIndex}; in ring order it is the turn of ${due}.`,
    );
    due = (headIndex + descriptors.filter(({ table }) => table === 'direct').length) % size;
    judgeInOrder(seen, size, event);
  }
}

/** Rules of the split ring (2.7); the device takes no chain that breaks one of them. */
function judgeSplit(seen: Seen<Ids>, session: Session): void {
  if (negotiated(session, 'VIRTIO_F_IN_ORDER')) for (const life of queueLives(session)) judgeRingOrder(seen, life);
  for (const chain of inSession(session, 'chain')) {
    if (seen.subject === 'iommu') judgeDirection(seen, chain);
    seen.held(HELD_BY_CHAINS, chain);
    if (chain.descriptors.some(({ flags }) => (flags & INDIRECT) !== 0)) seen.held(HELD_BY_TABLES, chain);
  }
  for (const broken of inSession(session, 'ring-break')) {
    const requirement = OF_CHAINS[broken.reason] ?? OF_TABLES[broken.reason];
    if (requirement) seen.check(requirement, false, broken, `Queue ${broken.queue}: ${broken.says}.`);
  }
}

/** The IOMMU itself translates nothing for its own queues, unless it offers ACCESS_PLATFORM. */
function judgeAddresses(seen: Seen<Ids>, session: Session): void {
  if (stagedAs(seen, session.iommu).features.includes('VIRTIO_F_ACCESS_PLATFORM')) return;
  const astray = inSession(session, 'ring-break').find(
    ({ reason }) => reason === 'address-not-in-memory' || reason === 'ring-not-in-memory',
  );
  const chain = inSession(session, 'chain')[0];
  if (astray === undefined && chain === undefined) return;
  seen.check(
    'reserved-features/driver/physical-addresses-otherwise',
    astray === undefined,
    astray ?? chain,
    `Queue ${astray?.queue}: ${astray?.says}.`,
  );
}

export default defineMonitor({
  id: 'descriptor-chains',
  title: 'Descriptor chains are well formed, and their addresses are physical',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    if (!negotiated(session, 'VIRTIO_F_RING_PACKED')) judgeSplit(seen, session);
    if (seen.subject === 'iommu') judgeAddresses(seen, session);
  }),
  mustCatch: {
    'writable-before-readable': 'split/driver/framing/readable-before-writable',
    'next-flag-left': [
      'split/driver/framing/readable-before-writable',
      'split/driver/indirect/indirect-and-next-exclusive',
    ],
    'chain-loops': 'split/driver/desc/chain-length-limit',
    'tail-readable': 'split/prose/desc-flag-direction',
    'ring-address-low-half': 'reserved-features/driver/physical-addresses-otherwise',
    'descriptor-wraps-address-space': 'split/driver/desc/chain-length-limit',
    'indirect-nested': 'split/driver/indirect/no-nested-indirect',
    'indirect-and-next': 'split/driver/indirect/indirect-and-next-exclusive',
    'indirect-longer-than-queue': 'split/driver/indirect/chain-not-longer-than-queue',
    'accepts-in-order': ['split/driver/desc/in-order-next', 'split/prose/in-order-descriptors'],
    'in-order-table-gap': 'split/driver/indirect/in-order-indirect-sequential',
    'descriptor-to-nowhere': 'reserved-features/driver/physical-addresses-otherwise',
    'in-order-chain-backwards': 'split/driver/desc/in-order-next',
    'in-order-tail-at-table-end': 'split/driver/indirect/in-order-indirect-sequential',
    'indirect-for-long-requests': 'split/driver/indirect/indirect-needs-feature',
    'indirect-nested-tail': 'split/driver/indirect/no-nested-indirect',
    'request-in-single-bytes': 'split/driver/indirect/chain-not-longer-than-queue',
    'next-out-of-range': 'split/prose/index-within-table',
    'avail-entry-out-of-range': 'split/prose/index-within-table',
    'indirect-length-odd': 'split/prose/indirect-table-length',
    'indirect-length-zero': 'split/prose/indirect-table-length',
  },
});
