import type { Seen } from './vocabulary.ts';

const EVENTQ = 1;

type Ids = 'split/driver/avail-suppression/kick-when-flag-0' | 'split/driver/avail-suppression/kick-at-avail-event';

/** For `then`: whether the device is notified of the buffers with which eventq is filled at the start. */
export function judgeFirstFill(seen: Pick<Seen<Ids>, 'has' | 'of' | 'check'>): void {
  if (seen.has('iommu', 'VIRTIO_F_RING_PACKED')) return;
  const eventIdx = seen.has('iommu', 'VIRTIO_F_EVENT_IDX');
  const id = eventIdx
    ? 'split/driver/avail-suppression/kick-at-avail-event'
    : 'split/driver/avail-suppression/kick-when-flag-0';
  const kick = seen.of('notification').find(({ device, queue }) => device === 'iommu' && queue === EVENTQ);
  if (kick) {
    seen.check(id, true, kick, '');
    return;
  }
  const left = seen.of('unannounced-buffers').find(({ device, queue }) => device === 'iommu' && queue === EVENTQ);
  // Nobody has changed what the driver has zeroed, which asks for the first buffer, or for all of them.
  if (!left || (eventIdx ? left.ring.event : left.ring.flags) !== 0) return;
  const says = `The driver posted event buffers (available idx ${left.ring.position}) but never notified the device.`;
  seen.check(id, false, left, says);
}
