import { defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { inSession, negotiated, type Session, sessionsOf } from './sessions.ts';

const REQUESTQ = 0;

const REQUIREMENTS = [
  'split/driver/avail-suppression/kick-when-flag-0',
  'split/driver/avail-suppression/kick-at-avail-event',
  'split/driver/avail-suppression/no-kick-when-flag-1',
  'split/driver/avail-suppression/no-kick-otherwise',
  'iommu/prose/request-then-notify',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** What the device had taken on its own before, while it asked for no notifications, needed none. */
const takenBefore = (session: Session, { queue, availIdx, seq }: EventOf<'missed-notification'>): boolean =>
  inSession(session, 'chain').some((chain) => chain.queue === queue && chain.availIdx === availIdx && chain.seq < seq);

/** UNMAPs that a lazy driver keeps back on purpose, until it flushes them together. */
function keptBackOnPurpose(seen: Seen<Ids>, missed: EventOf<'missed-notification'>): boolean {
  if (!seen.driver.lazyUnmap) return false;
  const next = seen.events.find(
    (event) => event.seq > missed.seq && event.kind === 'notification' && event.device === missed.device,
  );
  const found = seen.requests.filter(
    ({ device, seq }) => device === missed.device && seq > missed.seq && (next === undefined || seq < next.seq),
  );
  return found.length > 0 && found.every(({ name }) => name === 'UNMAP');
}

/** The rules of 2.7.10.1 on when to notify: `due` and `needless` are those in force by EVENT_IDX. */
function judgeSplit(seen: Seen<Ids>, session: Session, missed: EventOf<'missed-notification'> | undefined): void {
  const eventIdx = negotiated(session, 'VIRTIO_F_EVENT_IDX');
  const due = eventIdx
    ? 'split/driver/avail-suppression/kick-at-avail-event'
    : 'split/driver/avail-suppression/kick-when-flag-0';
  const needless = eventIdx
    ? 'split/driver/avail-suppression/no-kick-otherwise'
    : 'split/driver/avail-suppression/no-kick-when-flag-1';
  for (const kick of inSession(session, 'notification')) {
    if (kick.wanted === true) seen.check(due, true, kick, '');
    // Without EVENT_IDX a wanted kick says nothing of times at which the flag was 1.
    if (kick.wanted === false || (kick.wanted && eventIdx)) {
      const says = `Queue ${kick.queue} is notified although the device asked for no notification.`;
      seen.check(needless, kick.wanted, kick, says);
    }
  }
  if (missed === undefined) return;
  const says = `Requests lie on requestq up to available idx ${missed.availIdx}, and no notification came for them.`;
  seen.check(due, false, missed, says);
}

export default defineMonitor({
  id: 'notification-need',
  title: 'The driver notifies when it has to, and only then',
  requirements: REQUIREMENTS,
  judge(seen) {
    for (const session of sessionsOf(seen)) {
      // eventq is judged once, by virtqueue/event-buffers-announced, and not in every case anew.
      const missed = inSession(session, 'missed-notification').find(
        (event) => event.queue === REQUESTQ && !takenBefore(session, event) && !keptBackOnPurpose(seen, event),
      );
      if (!negotiated(session, 'VIRTIO_F_RING_PACKED')) judgeSplit(seen, session, missed);
      const kick = inSession(session, 'notification').find(({ queue, wanted }) => queue === REQUESTQ && wanted);
      if (missed === undefined && kick === undefined) continue;
      seen.check(
        'iommu/prose/request-then-notify',
        missed === undefined,
        missed ?? kick,
        'Requests lie on requestq, and no notification came for them.',
      );
    }
  },
  mustCatch: {
    'kick-forgotten': 'split/driver/avail-suppression/kick-at-avail-event',
    'kick-before-avail-idx': 'split/driver/avail-suppression/kick-at-avail-event',
    'event-idx-off-by-one': 'iommu/prose/request-then-notify',
    'kicks-despite-suppression': 'split/driver/avail-suppression/no-kick-otherwise',
  },
});
