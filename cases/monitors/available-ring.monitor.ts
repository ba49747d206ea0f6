import { defineMonitor } from '../api/index.ts';
import { inSession, negotiated, inEachSession } from './sessions.ts';

export default defineMonitor({
  id: 'available-ring',
  title: 'The available ring only grows, and its flags say what they may',
  requirements: [
    'split/driver/avail/idx-never-decreases',
    'split/driver/used-suppression/avail-flags-0-or-1',
    'split/driver/used-suppression/avail-flags-0-with-event-idx',
  ],
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    if (session.accepted === undefined || negotiated(session, 'VIRTIO_F_RING_PACKED')) return;
    const eventIdx = negotiated(session, 'VIRTIO_F_EVENT_IDX');
    for (const chain of inSession(session, 'chain')) {
      seen.held('split/driver/avail/idx-never-decreases', chain);
      const { queue, availFlags } = chain;
      if (eventIdx) {
        seen.check(
          'split/driver/used-suppression/avail-flags-0-with-event-idx',
          availFlags === 0,
          chain,
          `flags of the available ring of queue ${queue} is ${availFlags}; with EVENT_IDX it has to be 0.`,
        );
      } else {
        seen.check(
          'split/driver/used-suppression/avail-flags-0-or-1',
          availFlags <= 1,
          chain,
          `flags of the available ring of queue ${queue} is ${availFlags}; it has to be 0 or 1.`,
        );
      }
    }
    const jump = inSession(session, 'ring-break').find(({ reason }) => reason === 'available-index-jumped');
    if (jump) {
      // Modulo 2^16 a step back is a jump forward by more than the ring can hold.
      seen.check('split/driver/avail/idx-never-decreases', false, jump, `Queue ${jump.queue}: ${jump.says}.`);
    }
  }),
  mustCatch: {
    'avail-idx-modulo-size': 'split/driver/avail/idx-never-decreases',
    'avail-idx-goes-back': 'split/driver/avail/idx-never-decreases',
    'avail-flags-with-event-idx': 'split/driver/used-suppression/avail-flags-0-with-event-idx',
    'avail-flags-undefined': [
      'split/driver/used-suppression/avail-flags-0-or-1',
      'split/driver/used-suppression/avail-flags-0-with-event-idx',
    ],
    'rings-not-cleared': 'split/driver/used-suppression/avail-flags-0-or-1',
    'avail-idx-two-ahead': 'split/driver/avail/idx-never-decreases',
    'avail-ring-not-wrapped': 'split/driver/avail/idx-never-decreases',
  },
});
