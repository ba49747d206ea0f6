/** What an available buffer notification carries (2.9, 4.1.5.2). */
import type { NotificationParts } from '../trace-events.ts';
import { hasFeature } from '../wire/features.ts';

/** Added to a queue's index to make queue_notif_config_data, so that the two cannot be mistaken for each other. */
const NOTIF_CONFIG_DATA_BASE = 0x40;

/** queue_notif_config_data of the queue with this index. */
export const notifConfigData = (queueIndex: number): number => NOTIF_CONFIG_DATA_BASE + queueIndex;

/** By what a notification over PCI has to name its queue, with the features in `accepted`. */
export const pciIdentifier = (queueIndex: number, accepted: bigint): number =>
  hasFeature(accepted, 'VIRTIO_F_NOTIF_CONFIG_DATA') ? notifConfigData(queueIndex) : queueIndex;

/** The parts of a 32-bit notification; `position` as `Virtqueue.driverPosition` gives it. */
export function notificationParts(value: number, position: number | undefined): NotificationParts {
  return {
    vq_index: value & 0xffff,
    next_off: (value >>> 16) & 0x7fff,
    next_wrap: (value >>> 31) & 1,
    ...(position === undefined ? {} : { position }),
  };
}
