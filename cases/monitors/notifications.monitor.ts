import { defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { isCommon } from './registers.ts';
import { inSession, negotiated, type Session, sessionsOf } from './sessions.ts';

const REQUESTQ = 0;
const DRIVER_OK = 4;

const REQUIREMENTS = [
  'pci/driver/notify/16-bit',
  'pci/driver/notify/32-bit',
  'pci/driver/notify/value-is-index',
  'pci/driver/notify/vq-index-field',
  'pci/driver/notify/value-is-config-data',
  'pci/driver/notify/config-data-field',
  'pci/prose/notify-address',
  'core/driver/init/no-notify-before-driver-ok',
  'split/driver/avail-suppression/kick-when-flag-0',
  'split/driver/avail-suppression/kick-at-avail-event',
  'split/driver/avail-suppression/no-kick-when-flag-1',
  'split/driver/avail-suppression/no-kick-otherwise',
  'iommu/prose/request-then-notify',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** What the low 16 bits of a notification of `queue` have to be; undefined if the driver never read it. */
function identifier(session: Session, queue: number): number | undefined {
  if (!negotiated(session, 'VIRTIO_F_NOTIF_CONFIG_DATA')) return queue;
  const read = inSession(session, 'register-read').findLast(
    (access) => isCommon(access, 'register-read', 'queue_notif_config_data') && access.queue === queue,
  );
  return read && Number(read.value & 0xffffn);
}

function judgeValue(seen: Seen<Ids>, session: Session, kick: EventOf<'notification'>): void {
  const { queue, value } = kick;
  const withData = negotiated(session, 'VIRTIO_F_NOTIFICATION_DATA');
  const withConfigData = negotiated(session, 'VIRTIO_F_NOTIF_CONFIG_DATA');
  const due = identifier(session, queue);
  const requirement = withConfigData
    ? withData
      ? 'pci/driver/notify/config-data-field'
      : 'pci/driver/notify/value-is-config-data'
    : withData
      ? 'pci/driver/notify/vq-index-field'
      : 'pci/driver/notify/value-is-index';
  const what = withConfigData ? 'queue_notif_config_data' : 'index';
  seen.check(
    requirement,
    (withData ? value & 0xffff : value) === due,
    kick,
    `0x${value.toString(16)} is written to the notify address of queue ${queue}, whose ${what} is ${due ?? 'a field that the driver has not read'}.`,
  );
}

function judgeForm(seen: Seen<Ids>, session: Session, kick: EventOf<'notification'>): void {
  const { queue, width, deviceStatus } = kick;
  seen.check(
    'core/driver/init/no-notify-before-driver-ok',
    (deviceStatus & DRIVER_OK) !== 0,
    kick,
    `Queue ${queue} is notified while device_status is 0x${deviceStatus.toString(16)}; DRIVER_OK (4) has to be set first.`,
  );
  seen.check('pci/prose/notify-address', true, kick, '');
  if (session.accepted === undefined) return;
  if (negotiated(session, 'VIRTIO_F_NOTIFICATION_DATA')) {
    seen.check(
      'pci/driver/notify/32-bit',
      width === 4,
      kick,
      `The notification is ${width} bytes wide; it has to be 4.`,
    );
  } else {
    seen.check(
      'pci/driver/notify/16-bit',
      width === 2,
      kick,
      `The notification is ${width} bytes wide; it has to be 2.`,
    );
  }
  judgeValue(seen, session, kick);
}

/** What the device had taken on its own before, while it asked for no notifications, needed none. */
const takenBefore = (session: Session, { queue, availIdx, seq }: EventOf<'missed-notification'>): boolean =>
  inSession(session, 'chain').some((chain) => chain.queue === queue && chain.availIdx === availIdx && chain.seq < seq);

/** UNMAPs that a lazy driver keeps back on purpose, until it flushes them together. */
function keptBackOnPurpose(seen: Seen<Ids>, missed: EventOf<'missed-notification'>): boolean {
  if (!seen.driver.lazyUnmap) return false;
  const next = seen.events.find((event) => event.seq > missed.seq && event.kind === 'notification');
  const found = seen.requests.filter(({ seq }) => seq > missed.seq && (next === undefined || seq < next.seq));
  return found.length > 0 && found.every(({ name }) => name === 'UNMAP');
}

export default defineMonitor({
  id: 'notifications',
  title: 'The driver notifies in the right form, when it has to and only then',
  requirements: REQUIREMENTS,
  judge(seen) {
    for (const session of sessionsOf(seen)) {
      const eventIdx = negotiated(session, 'VIRTIO_F_EVENT_IDX');
      const due = eventIdx
        ? 'split/driver/avail-suppression/kick-at-avail-event'
        : 'split/driver/avail-suppression/kick-when-flag-0';
      const needless = eventIdx
        ? 'split/driver/avail-suppression/no-kick-otherwise'
        : 'split/driver/avail-suppression/no-kick-when-flag-1';
      for (const kick of inSession(session, 'notification')) {
        judgeForm(seen, session, kick);
        if (kick.wanted === true) {
          seen.check(due, true, kick, '');
          if (kick.queue === REQUESTQ) seen.check('iommu/prose/request-then-notify', true, kick, '');
        }
        // Without EVENT_IDX a wanted kick says nothing of times at which the flag was 1.
        if (kick.wanted === false || (kick.wanted && eventIdx)) {
          seen.check(
            needless,
            kick.wanted,
            kick,
            `Queue ${kick.queue} is notified although the device asked for no notification.`,
          );
        }
      }
      const astray = inSession(session, 'register-write').find(({ structure }) => structure === 'notify');
      if (astray) {
        seen.check(
          'pci/prose/notify-address',
          false,
          astray,
          `${astray.value} is written to offset ${astray.offset} of the notify structure, which belongs to no queue.`,
        );
      }
      // eventq is judged once, by virtqueue/event-buffers-announced, and not in every case anew.
      const missed = inSession(session, 'missed-notification').find(
        (event) => event.queue === REQUESTQ && !takenBefore(session, event) && !keptBackOnPurpose(seen, event),
      );
      if (missed === undefined) continue;
      const says = `Requests lie on requestq up to available idx ${missed.availIdx}, and no notification came for them.`;
      seen.check(due, false, missed, says);
      seen.check('iommu/prose/request-then-notify', false, missed, says);
    }
  },
  mustCatch: {
    'notify-32-bit': 'pci/driver/notify/16-bit',
    'notify-8-bit': 'pci/driver/notify/16-bit',
    'notify-wrong-queue': 'pci/driver/notify/value-is-index',
    'notify-wrong-offset': 'pci/prose/notify-address',
    'notify-multiplier-ignored': 'pci/prose/notify-address',
    'kick-before-driver-ok': 'core/driver/init/no-notify-before-driver-ok',
    'event-buffers-kicked-early': 'core/driver/init/no-notify-before-driver-ok',
    'kick-forgotten': 'split/driver/avail-suppression/kick-at-avail-event',
    'kick-before-avail-idx': 'split/driver/avail-suppression/kick-at-avail-event',
    'event-idx-off-by-one': 'iommu/prose/request-then-notify',
    'kicks-despite-suppression': 'split/driver/avail-suppression/no-kick-otherwise',
    'accepts-notification-data': 'pci/driver/notify/32-bit',
    'accepts-notif-config-data': 'pci/driver/notify/value-is-config-data',
  },
});
