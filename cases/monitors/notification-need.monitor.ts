import { defineMonitor, type Seen } from '../api/index.ts';
import { type JudgedNotification, judgedNotifications } from './due-notifications.ts';
import { type QueueLife, queueLives } from './queue-lives.ts';
import { ringPositions, WRAP } from './ring-positions.ts';
import { negotiated, type Session, inEachSession } from './sessions.ts';

const REQUESTQ = 0;
const EVENTQ = 1;

const REQUIREMENTS = [
  'split/driver/avail-suppression/kick-when-flag-0',
  'split/driver/avail-suppression/kick-at-avail-event',
  'split/driver/avail-suppression/no-kick-when-flag-1',
  'split/driver/avail-suppression/no-kick-otherwise',
  'packed/prose/notify-unless-suppressed',
  'iommu/prose/request-then-notify',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** What one kind of ring demands. A packed ring may be notified as often as its driver likes (2.8.16). */
interface Rows {
  readonly due: Ids;
  readonly needless?: Ids;
}

function rowsOf(packed: boolean, eventIdx: boolean): Rows {
  if (packed) return { due: 'packed/prose/notify-unless-suppressed' };
  return eventIdx
    ? {
        due: 'split/driver/avail-suppression/kick-at-avail-event',
        needless: 'split/driver/avail-suppression/no-kick-otherwise',
      }
    : {
        due: 'split/driver/avail-suppression/kick-when-flag-0',
        needless: 'split/driver/avail-suppression/no-kick-when-flag-1',
      };
}

/** UNMAPs that a lazy driver keeps back on purpose, until it flushes them together. */
function keptBackOnPurpose(seen: Seen<Ids>, { device, seq }: JudgedNotification['at']): boolean {
  if (!seen.world.postponesUnmap) return false;
  const next = seen.events.find((event) => event.seq > seq && event.kind === 'notification' && event.device === device);
  const found = seen.requests.filter(
    (request) => request.device === device && request.seq > seq && (next === undefined || request.seq < next.seq),
  );
  return found.length > 0 && found.every(({ name }) => name === 'UNMAP');
}

/** What eventq was filled with at the start is judged once, by virtqueue/event-buffers-announced, and not in every case anew. */
function isFirstFill({ events }: QueueLife, { queue, seq }: JudgedNotification['at']): boolean {
  const used = (event: QueueLife['events'][number]): boolean =>
    event.kind === 'notification-suppression' && event.seq < seq;
  return queue === EVENTQ && !events.some(used);
}

function judgeLife(seen: Seen<Ids>, session: Session, life: QueueLife): void {
  const { queue, size } = life.enabled;
  const packed = negotiated(session, 'VIRTIO_F_RING_PACKED');
  const eventIdx = negotiated(session, 'VIRTIO_F_EVENT_IDX');
  const { due, needless } = rowsOf(packed, eventIdx);
  for (const { what, at } of judgedNotifications(life, { packed, eventIdx, positions: ringPositions(packed, size) })) {
    // Without EVENT_IDX a notification that was due says nothing of times at which the flag was 1.
    const isHeeded = what === 'withheld' || (what === 'due' && eventIdx);
    if (needless !== undefined && (isHeeded || what === 'needless')) {
      const says = `The driver notifies queue ${queue} although the device suppresses notifications.`;
      seen.check(needless, isHeeded, at, says);
    }
    const isMissing = what === 'missing' && !isFirstFill(life, at) && !keptBackOnPurpose(seen, at);
    if (what !== 'due' && !isMissing) continue;
    const until = packed ? `descriptor ${(at.ring?.position ?? 0) % WRAP}` : `available idx ${at.ring?.position}`;
    const says = `The driver made buffers available on queue ${queue} (up to ${until}) but did not notify the device.`;
    seen.check(due, !isMissing, at, says);
    if (queue === REQUESTQ) seen.check('iommu/prose/request-then-notify', !isMissing, at, says);
  }
}

export default defineMonitor({
  id: 'notification-need',
  title: 'The driver notifies when it has to, and only then',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    for (const life of queueLives(session)) judgeLife(seen, session, life);
  }),
  mustCatch: {
    'kick-forgotten': 'split/driver/avail-suppression/kick-at-avail-event',
    'kick-before-avail-idx': 'split/driver/avail-suppression/kick-at-avail-event',
    'event-idx-off-by-one': 'iommu/prose/request-then-notify',
    'event-buffer-returned-without-notification': [
      'split/driver/avail-suppression/kick-at-avail-event',
      'packed/prose/notify-unless-suppressed',
    ],
    'never-kicks-after-suppression': 'packed/prose/notify-unless-suppressed',
    'kicks-despite-suppression': 'split/driver/avail-suppression/no-kick-otherwise',
  },
});
