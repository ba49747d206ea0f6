import { counted, defineMonitor, deviceStatus, type EventOf, hex, type Seen, STATUS } from '../api/index.ts';
import { inSession, negotiated, type Session, inEachSession } from './sessions.ts';

const { DRIVER_OK, FEATURES_OK, SUSPEND } = STATUS;

const REQUIREMENTS = [
  'core/driver/init/no-notify-before-driver-ok',
  'pci/driver/notify/16-bit',
  'pci/driver/notify/32-bit',
  'pci/driver/notify/value-is-index',
  'pci/driver/notify/vq-index-field',
  'pci/driver/notify/value-is-config-data',
  'pci/driver/notify/config-data-field',
  'pci/prose/notify-address',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** What names the queue in a notification (4.1.5.2.1), by NOTIF_CONFIG_DATA and NOTIFICATION_DATA. */
const IDENTIFIERS = {
  index: { alone: 'pci/driver/notify/value-is-index', 'with data': 'pci/driver/notify/vq-index-field' },
  queue_notif_config_data: {
    alone: 'pci/driver/notify/value-is-config-data',
    'with data': 'pci/driver/notify/config-data-field',
  },
} as const;

function judgeWidth(seen: Seen<Ids>, session: Session, kick: EventOf<'notification'>): void {
  const due = negotiated(session, 'VIRTIO_F_NOTIFICATION_DATA') ? 4 : 2;
  seen.check(
    due === 4 ? 'pci/driver/notify/32-bit' : 'pci/driver/notify/16-bit',
    kick.width === due,
    kick,
    `The notification of queue ${kick.queue} is ${counted(kick.width, 'byte')} wide; it has to be ${due}.`,
  );
}

function judgeValue(seen: Seen<Ids>, session: Session, kick: EventOf<'notification'>): void {
  const { queue, value, deviceStatus, notifConfigData } = kick;
  const withData = negotiated(session, 'VIRTIO_F_NOTIFICATION_DATA');
  const what = negotiated(session, 'VIRTIO_F_NOTIF_CONFIG_DATA') ? 'queue_notif_config_data' : 'index';
  const identifier = what === 'index' ? queue : notifConfigData;
  if (identifier === undefined || (deviceStatus & FEATURES_OK) === 0) return;
  seen.check(
    IDENTIFIERS[what][withData ? 'with data' : 'alone'],
    (withData ? value & 0xffff : value) === identifier,
    kick,
    `${hex(value)} is written to the notify address of queue ${queue}, whose ${what} is ${hex(identifier)}.`,
  );
}

export default defineMonitor({
  id: 'notification-form',
  title: 'Notifications go to the right place, in the right width, with the right value, and not before DRIVER_OK',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    for (const kick of inSession(session, 'notification')) {
      seen.check(
        'core/driver/init/no-notify-before-driver-ok',
        // A suspended device has been running: core/driver/suspend/no-notifications is about that.
        (kick.deviceStatus & (DRIVER_OK | SUSPEND)) !== 0,
        kick,
        `Queue ${kick.queue} is notified while device_status is ${deviceStatus(kick.deviceStatus)}; DRIVER_OK has to be set first.`,
      );
      if (session.onMmio) continue;
      seen.held('pci/prose/notify-address', kick);
      if (session.accepted === undefined) continue;
      judgeWidth(seen, session, kick);
      judgeValue(seen, session, kick);
    }
    const astray = inSession(session, 'register-write').find(({ structure }) => structure === 'notify');
    if (astray === undefined) return;
    seen.check(
      'pci/prose/notify-address',
      false,
      astray,
      `${astray.value} is written to offset ${astray.offset} of the notify structure, which belongs to no queue.`,
    );
  }),
  mustCatch: {
    'notify-32-bit': 'pci/driver/notify/16-bit',
    'notify-8-bit': 'pci/driver/notify/16-bit',
    'notify-wrong-queue': [
      'pci/driver/notify/value-is-index',
      'pci/driver/notify/vq-index-field',
      'pci/driver/notify/value-is-config-data',
      'pci/driver/notify/config-data-field',
    ],
    'notify-wrong-offset': 'pci/prose/notify-address',
    'notify-multiplier-ignored': 'pci/prose/notify-address',
    'kick-before-driver-ok': 'core/driver/init/no-notify-before-driver-ok',
    'event-buffers-kicked-early': 'core/driver/init/no-notify-before-driver-ok',
    'accepts-notification-data': 'pci/driver/notify/32-bit',
    'notification-index-with-config-data': 'pci/driver/notify/config-data-field',
    'accepts-notif-config-data': 'pci/driver/notify/value-is-config-data',
    'notify-from-1': ['pci/driver/notify/value-is-index', 'pci/driver/notify/vq-index-field'],
    'notification-data-in-halves': 'pci/driver/notify/32-bit',
  },
});
