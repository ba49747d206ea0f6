import { defineMonitor } from '../api/index.ts';
import { goesLive, inSession, inEachSession } from './sessions.ts';

const REQUESTQ = 0;
const EVENTQ = 1;

/** sizeof(struct virtio_iommu_fault) */
const RECORD_BYTES = 24;

export default defineMonitor({
  id: 'event-queue',
  title: 'Requests go to queue 0, and buffers for fault records, writable and long enough, to queue 1',
  requirements: ['iommu/prose/queues', 'iommu/prose/event-queue-filled'],
  judge: inEachSession((seen, session) => {
    for (const chain of inSession(session, 'chain')) {
      const { queue, readableLength, writableLength } = chain;
      if (queue === REQUESTQ) {
        seen.check(
          'iommu/prose/queues',
          readableLength > 0,
          chain,
          `A buffer of ${writableLength} writable bytes and no readable ones lies on queue 0, which carries requests.`,
        );
      }
      if (queue !== EVENTQ) continue;
      seen.check(
        'iommu/prose/queues',
        readableLength === 0,
        chain,
        `A buffer of ${readableLength} readable bytes lies on queue 1, which carries events.`,
      );
      seen.check(
        'iommu/prose/event-queue-filled',
        readableLength === 0 && writableLength >= RECORD_BYTES,
        chain,
        `An event buffer has ${readableLength} readable and ${writableLength} writable bytes; it should have ${RECORD_BYTES} writable ones.`,
      );
    }
    const reports = inSession(session, 'fault-report');
    const live = goesLive(session)?.seq;
    const started = seen.answers.find(
      ({ verb, outcome, seq }) => verb === 'start' && outcome === 'ok' && live !== undefined && seq > live,
    );
    const [first] = reports;
    const unread = first && !first.delivered && first.bufferLength === undefined && first.fault === undefined;
    if (unread && started && first.seq > started.seq) {
      seen.check(
        'iommu/prose/event-queue-filled',
        seen.world.before(first).isSuspended(session.iommu) ? undefined : false,
        first,
        'The first fault finds no buffer on eventq; the driver should fill it at start.',
      );
    }
  }),
  mustCatch: {
    'queues-swapped': 'iommu/prose/queues',
    'eventq-not-enabled': 'iommu/prose/event-queue-filled',
    'event-buffers-readable': 'iommu/prose/event-queue-filled',
    'event-buffers-16-bytes': 'iommu/prose/event-queue-filled',
  },
});
