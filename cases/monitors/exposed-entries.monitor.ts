import { defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { negotiated, type Session, inEachSession } from './sessions.ts';

const REQUESTQ = 0;

/** A hostile device that returns what it still has leads a driver to take it for free. */
const isForged = ({ world }: Pick<Seen, 'world'>, session: Session): boolean =>
  session.events.some((event) => event.kind === 'completion' && world.isForged(event));

const directIndices = ({ descriptors }: EventOf<'chain'>): number[] =>
  descriptors.filter(({ table }) => table === 'direct').map(({ index }) => index);

export default defineMonitor({
  id: 'exposed-entries',
  title: 'Descriptors that are with the device are not used for another buffer',
  requirements: ['core/driver/cleanup/no-change-of-exposed-entries'],
  judge: inEachSession((seen, session) => {
    if (negotiated(session, 'VIRTIO_F_RING_PACKED') || isForged(seen, session)) return;
    /** Descriptors that the device has, by the head of their chain. */
    const exposed = new Map<number, readonly number[]>();
    for (const event of session.events) {
      if (event.kind === 'queue-enabled' && event.queue === REQUESTQ) exposed.clear();
      if (event.kind === 'completion') exposed.delete(event.headIndex);
      if (event.kind !== 'chain' || event.queue !== REQUESTQ) continue;
      const own = directIndices(event);
      const taken = new Set([...exposed.values()].flat());
      const shared = own.find((index) => taken.has(index));
      if (taken.size > 0) {
        seen.check(
          'core/driver/cleanup/no-change-of-exposed-entries',
          shared === undefined,
          event,
          `Descriptor ${shared} of requestq is used for a new request while the device has it for another one.`,
        );
      }
      exposed.set(event.headIndex, own);
    }
  }),
  mustCatch: {
    'descriptor-reused-in-flight': 'core/driver/cleanup/no-change-of-exposed-entries',
  },
});
