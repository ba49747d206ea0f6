import { counted, defineMonitor, type EventOf, type Seen, type TraceEvent, hex } from '../api/index.ts';
import { isCommon } from './registers.ts';
import { inSession, negotiated, type Session, inEachSession } from './sessions.ts';

/** Fields that fix a queue's shape. */
const SHAPE = ['queue_size', 'queue_desc', 'queue_driver', 'queue_device'] as const;

const REQUIREMENTS = [
  'pci/driver/common-cfg/configure-before-enable',
  'pci/prose/queue-setup',
  'split/driver/layout/alignment',
  'split/driver/avail-suppression/init-used-flags-0',
  'split/prose/queue-size',
  'split/prose/avail-idx-starts-0',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

const isShape = (event: TraceEvent): boolean => SHAPE.some((name) => isCommon(event, 'register-write', name));

/** The first write that changes the shape of the queue while it is enabled; a queue that was reset is set up anew. */
function laterChange(session: Session, enabled: EventOf<'queue-enabled'>): EventOf<'register-write'> | undefined {
  const { queue, seq } = enabled;
  const ofQueue = inSession(session, 'register-write').filter((write) => write.seq > seq && write.queue === queue);
  const first = ofQueue.find((write) => isShape(write) || isCommon(write, 'register-write', 'queue_reset'));
  return first && isShape(first) ? first : undefined;
}

function judgePciSetup(seen: Seen<Ids>, session: Session, enabled: EventOf<'queue-enabled'>): void {
  const { queue, seq, size, maxSize, desc, driver, device_area: device } = enabled;
  const change = laterChange(session, enabled);
  // An IOVA of 0 is as good as any.
  const written = inSession(session, 'register-write').filter((write) => write.seq < seq && write.queue === queue);
  const isSet = (name: (typeof SHAPE)[number], address: bigint): boolean =>
    address !== 0n || written.some((write) => isCommon(write, 'register-write', name));
  seen.check(
    'pci/driver/common-cfg/configure-before-enable',
    isSet('queue_desc', desc) && isSet('queue_driver', driver) && isSet('queue_device', device) && change === undefined,
    change ?? enabled,
    change
      ? `${change.field} of queue ${queue} is written after queue_enable; it has to be written before.`
      : `queue ${queue} is enabled with queue_desc ${hex(desc)}, queue_driver ${hex(driver)}, queue_device ${hex(device)}; all have to be set first.`,
  );
  seen.check(
    'pci/prose/queue-setup',
    size <= maxSize,
    enabled,
    `queue ${queue} is enabled with queue_size ${size}; the device offers at most ${maxSize}.`,
  );
}

function judgeSplitRing(seen: Seen<Ids>, enabled: EventOf<'queue-enabled'>): void {
  const { queue, size, desc, driver, device_area: device, usedFlags, availIdx } = enabled;
  seen.check(
    'split/driver/layout/alignment',
    desc % 16n === 0n && driver % 2n === 0n && device % 4n === 0n,
    enabled,
    `queue ${queue} has its parts at ${hex(desc)}, ${hex(driver)} and ${hex(device)}; they have to be multiples of 16, 2 and 4.`,
  );
  seen.check(
    'split/prose/queue-size',
    size > 0 && size <= 32768 && (size & (size - 1)) === 0,
    enabled,
    `queue ${queue} is enabled with queue_size ${size}; it has to be a power of 2, at most 32768.`,
  );
  if (usedFlags !== undefined) {
    seen.check(
      'split/driver/avail-suppression/init-used-flags-0',
      usedFlags === 0,
      enabled,
      `queue ${queue} is enabled with ${hex(usedFlags)} in the used ring's flags; they have to be 0.`,
    );
  }
  if (availIdx === undefined) return;
  // Buffers may lie there already, but no more than the ring holds.
  seen.check(
    'split/prose/avail-idx-starts-0',
    availIdx <= size,
    enabled,
    `queue ${queue} of ${counted(size, 'entry', 'entries')} is enabled with available idx ${availIdx}; it counts from 0.`,
  );
}

export default defineMonitor({
  id: 'queue-setup',
  title: 'Queues are set up completely, aligned and cleared before they are enabled',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    for (const enabled of inSession(session, 'queue-enabled')) {
      if (!session.onMmio) judgePciSetup(seen, session, enabled);
      if (!negotiated(session, 'VIRTIO_F_RING_PACKED')) judgeSplitRing(seen, enabled);
    }
  }),
  mustCatch: {
    'enables-before-addresses': 'pci/driver/common-cfg/configure-before-enable',
    'queue-reset-unasked': 'pci/driver/common-cfg/configure-before-enable',
    'changes-live-queue': 'pci/driver/common-cfg/configure-before-enable',
    'queue-size-larger-than-offered': 'pci/prose/queue-setup',
    'descriptor-table-misaligned': 'split/driver/layout/alignment',
    'available-ring-misaligned': 'split/driver/layout/alignment',
    'used-ring-misaligned': 'split/driver/layout/alignment',
    'rings-not-cleared': ['split/driver/avail-suppression/init-used-flags-0', 'split/prose/avail-idx-starts-0'],
    'used-flags-not-cleared': 'split/driver/avail-suppression/init-used-flags-0',
    'queue-size-not-power-of-two': 'split/prose/queue-size',
    'queue-size-after-enable': 'pci/driver/common-cfg/configure-before-enable',
  },
});
