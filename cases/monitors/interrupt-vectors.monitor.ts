import { defineMonitor, type EventOf, type TraceEvent } from '../api/index.ts';
import { isAccess, isCommon, type RegisterAccess } from './registers.ts';
import { inSession, inEachSession } from './sessions.ts';

const NO_VECTOR = 0xffffn;

type VectorWrite = EventOf<'register-write'>;

const isVectorWrite = (event: TraceEvent): event is VectorWrite =>
  isCommon(event, 'register-write', 'config_msix_vector') || isCommon(event, 'register-write', 'queue_msix_vector');

/** Whether `event` accesses the very vector field that `write` set: same register, same queue. */
const sameField = (write: VectorWrite, event: TraceEvent): event is RegisterAccess =>
  isAccess(event) && event.structure === 'common' && event.offset === write.offset && event.queue === write.queue;

export default defineMonitor({
  id: 'interrupt-vectors',
  title: 'Every MSI-X vector is read back, lies in the table, and makes reads of ISR needless',
  requirements: [
    'pci/driver/msix/verify-vector',
    'pci/driver/msix/vector-within-table',
    'pci/driver/isr/no-isr-with-msix',
  ],
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    const { events } = session;
    const mapped = events.filter(
      (event): event is VectorWrite => isVectorWrite(event) && (event.value & 0xffffn) !== NO_VECTOR,
    );
    for (const write of mapped) {
      const next = events.find((event) => event.seq > write.seq && sameField(write, event));
      // The driver may still come to it if it never got to the end of its session.
      if (next === undefined && !session.ended) continue;
      seen.check(
        'pci/driver/msix/verify-vector',
        next?.kind === 'register-read',
        write,
        `${write.field} is set to vector ${write.value} and not read back; it has to be read to see whether the device took it.`,
      );
      if (next?.kind !== 'register-read') continue;
      // The device refuses no vector but those beyond its table.
      seen.check(
        'pci/driver/msix/vector-within-table',
        (next.value & 0xffffn) !== NO_VECTOR,
        write,
        `${write.field} is set to vector ${write.value}, which the MSI-X table does not have.`,
      );
    }
    const queueInterrupt = inSession(session, 'interrupt').find(({ because }) => because === 'queue');
    if (mapped.length === 0 || queueInterrupt === undefined) return;
    const isrRead = inSession(session, 'register-read').find(
      (read) => read.structure === 'isr' && read.seq > queueInterrupt.seq,
    );
    seen.check(
      'pci/driver/isr/no-isr-with-msix',
      isrRead === undefined,
      isrRead,
      'ISR is read after a queue interrupt although MSI-X is in use; it should be left alone.',
    );
  }),
  mustCatch: {
    'vector-not-read-back': 'pci/driver/msix/verify-vector',
    'vector-out-of-table': 'pci/driver/msix/vector-within-table',
    'config-vector-not-read-back': 'pci/driver/msix/verify-vector',
    'config-vector-out-of-table': 'pci/driver/msix/vector-within-table',
    'reads-isr-with-msix': 'pci/driver/isr/no-isr-with-msix',
  },
});
