import { defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { inSession, negotiated, type Session, sessionsOf } from './sessions.ts';

const REQUIREMENTS = ['packed/driver/desc/notification-next-off-wrap', 'notify/prose/data-fields'] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** Notifications of one queue, none of which names the place that the device finds, tell of more than a busy driver. */
const ENOUGH = 3;

const WRAP = 0x8000;

/** By how much a notification claims more than the ring holds, modulo `round` positions. */
interface Claim {
  readonly kick: EventOf<'notification'>;
  readonly ahead: number;
  readonly round: number;
}

/**
 * Positions of a packed ring count two rounds before they repeat, the first with wrap counter 1; those of a split ring
 * are the 16 bits of the available idx.
 */
function claimOf(kick: EventOf<'notification'>, size: number | undefined): Claim | undefined {
  const { data } = kick;
  if (data?.position === undefined) return undefined;
  const told = data.next_off + data.next_wrap * WRAP;
  if (size === undefined) return { kick, ahead: (told - data.position) & 0xffff, round: 0x1_0000 };
  const round = 2 * size;
  const place = (position: number): number => (position % WRAP) + (position >= WRAP ? 0 : size);
  if (data.next_off >= size) return { kick, ahead: size, round };
  return { kick, ahead: (place(told) - place(data.position) + round) % round, round };
}

/** A driver that works while its notification is on the way may be past what it said, but never before it. */
function judgeQueue(seen: Seen<Ids>, id: Ids, claims: readonly Claim[]): void {
  for (const { kick, ahead, round } of claims) {
    const where = `next_off ${kick.data?.next_off} and next_wrap ${kick.data?.next_wrap}`;
    const says = `Queue ${kick.queue} is notified with ${where}, where the next buffer cannot go: the ring is not filled that far.`;
    if (ahead === 0) seen.check(id, true, kick, '');
    else if (ahead <= round / 2) seen.check(id, false, kick, says);
  }
  const [first] = claims;
  if (first === undefined || claims.length < ENOUGH || claims.some(({ ahead }) => ahead === 0)) return;
  const says = `None of ${claims.length} notifications of queue ${first.kick.queue} names the place of the next buffer; all name one before it.`;
  seen.check(id, false, first.kick, says);
}

function judgeSession(seen: Seen<Ids>, session: Session): void {
  const packed = negotiated(session, 'VIRTIO_F_RING_PACKED');
  const id = packed ? 'packed/driver/desc/notification-next-off-wrap' : 'notify/prose/data-fields';
  for (const enabled of inSession(session, 'queue-enabled')) {
    const { queue, size, seq } = enabled;
    const next = inSession(session, 'queue-enabled').find((event) => event.queue === queue && event.seq > seq);
    const kicks = inSession(session, 'notification').filter(
      (kick) => kick.queue === queue && kick.seq > seq && (next === undefined || kick.seq < next.seq),
    );
    const claims = kicks.flatMap((kick) => claimOf(kick, packed ? size : undefined) ?? []);
    judgeQueue(seen, id, claims);
  }
}

export default defineMonitor({
  id: 'notification-position',
  title: 'Notifications with data say where the next buffer will go',
  requirements: REQUIREMENTS,
  judge(seen) {
    for (const session of sessionsOf(seen)) {
      if (negotiated(session, 'VIRTIO_F_NOTIFICATION_DATA')) judgeSession(seen, session);
    }
  },
  mustCatch: {
    'notification-wrap-missing': 'packed/driver/desc/notification-next-off-wrap',
    'notification-position-stale': ['notify/prose/data-fields', 'packed/driver/desc/notification-next-off-wrap'],
  },
});
