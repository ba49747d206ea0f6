import { defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { queueLives } from './queue-lives.ts';
import { ringPositions, WRAP } from './ring-positions.ts';
import { negotiated, type Session, inEachSession } from './sessions.ts';

const REQUIREMENTS = ['packed/driver/desc/notification-next-off-wrap', 'notify/prose/data-fields'] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** Notifications of one queue, none of which names the place that the device finds, tell of more than a busy driver. */
const ENOUGH = 3;

/** What a notification says of the place of the next buffer, the upper half of its value (2.9). */
interface Claim {
  readonly kick: EventOf<'notification'>;
  readonly says: number;
  /** By how much that is more than the ring holds, modulo `round` positions. */
  readonly ahead: number;
  readonly round: number;
}

function claimOf(kick: EventOf<'notification'>, size: number, packed: boolean): Claim[] {
  if (kick.ring === undefined) return [];
  const { distance, round } = ringPositions(packed, size);
  const says = kick.value >>> 16;
  // An offset that the ring does not have is a claim that cannot be right.
  const ahead = packed && says % WRAP >= size ? size : distance(kick.ring.position, says);
  return [{ kick, says, ahead, round }];
}

/** A driver that works while its notification is on the way may be past what it said, but never before it. */
function judgeQueue(seen: Seen<Ids>, id: Ids, claims: readonly Claim[]): void {
  for (const { kick, says, ahead, round } of claims) {
    const where = `next_off ${says % WRAP} and next_wrap ${says >>> 15}`;
    const why = `Queue ${kick.queue} is notified with ${where}, where the next buffer cannot go: the ring is not filled that far.`;
    if (ahead === 0) seen.held(id, kick);
    else if (ahead <= round / 2) seen.check(id, false, kick, why);
  }
  const [first] = claims;
  if (first === undefined || claims.length < ENOUGH || claims.some(({ ahead }) => ahead === 0)) return;
  const says = `None of ${claims.length} notifications of queue ${first.kick.queue} names the place of the next buffer; all name one before it.`;
  seen.check(id, false, first.kick, says);
}

function judgeSession(seen: Seen<Ids>, session: Session): void {
  const packed = negotiated(session, 'VIRTIO_F_RING_PACKED');
  const id = packed ? 'packed/driver/desc/notification-next-off-wrap' : 'notify/prose/data-fields';
  for (const { enabled, events } of queueLives(session)) {
    const claims = events.flatMap((event) =>
      event.kind === 'notification' ? claimOf(event, enabled.size, packed) : [],
    );
    judgeQueue(seen, id, claims);
  }
}

export default defineMonitor({
  id: 'notification-position',
  title: 'Notifications with data say where the next buffer will go',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    if (negotiated(session, 'VIRTIO_F_NOTIFICATION_DATA')) judgeSession(seen, session);
  }),
  mustCatch: {
    'packed-mask': 'packed/driver/desc/notification-next-off-wrap',
    'notification-wrap-missing': 'packed/driver/desc/notification-next-off-wrap',
    'notification-position-stale': ['notify/prose/data-fields', 'packed/driver/desc/notification-next-off-wrap'],
  },
});
