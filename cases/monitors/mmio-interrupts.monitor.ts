import { defineMonitor, hex } from '../api/index.ts';
import { touches, windowAccesses } from './mmio-registers.ts';
import { inSession, inEachSession } from './sessions.ts';

/** A used buffer, and a change of the configuration. */
const DEFINED_BITS = 3n;

export default defineMonitor({
  id: 'mmio-interrupts',
  title: 'An interrupt of virtio-mmio is looked into and acknowledged, bit by bit',
  requirements: [
    'mmio/driver/irq/read-interrupt-status',
    'mmio/driver/irq/acknowledge',
    'mmio/driver/regs/ack-handled-events',
    'mmio/driver/regs/no-undefined-ack-bits',
  ],
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    const accesses = windowAccesses(seen, session.events);
    if (accesses.length === 0) return;
    const reads = accesses.filter((access) => touches(access, 'InterruptStatus', 'register-read'));
    const acks = accesses.filter((access) => touches(access, 'InterruptACK', 'register-write'));
    const [first] = inSession(session, 'interrupt').filter(({ because }) => because !== 'spurious');
    const looked = first && reads.some(({ seq }) => seq > first.seq);
    // The driver may still come to it if the trace ends before the session does.
    if (first && (looked || session.ended)) {
      seen.check(
        'mmio/driver/irq/read-interrupt-status',
        looked === true,
        first,
        'The device interrupts, and InterruptStatus is never read after that.',
      );
    }
    for (const read of reads) {
      const handled = read.value & DEFINED_BITS;
      if (handled === 0n) continue;
      const acknowledged = acks.some(({ seq, value }) => seq > read.seq && (value & handled) === handled);
      if (!acknowledged && !session.ended) continue;
      seen.check(
        ['mmio/driver/irq/acknowledge', 'mmio/driver/regs/ack-handled-events'],
        acknowledged,
        read,
        `InterruptStatus reads ${hex(read.value)}, and no write to InterruptACK with ${hex(handled)} follows.`,
      );
    }
    for (const ack of acks) {
      seen.check(
        'mmio/driver/regs/no-undefined-ack-bits',
        (ack.value & ~DEFINED_BITS) === 0n,
        ack,
        `InterruptACK is written as ${hex(ack.value)}; only bits 0 and 1 are defined.`,
      );
    }
  }),
  mustCatch: {
    'mmio-interrupt-status-unread': 'mmio/driver/irq/read-interrupt-status',
    'mmio-ack-forgotten': ['mmio/driver/regs/ack-handled-events', 'mmio/driver/irq/acknowledge'],
    'mmio-acks-everything': 'mmio/driver/regs/no-undefined-ack-bits',
    'mmio-interrupts-ignored': 'mmio/driver/irq/read-interrupt-status',
    'mmio-config-change-not-acked': ['mmio/driver/irq/acknowledge', 'mmio/driver/regs/ack-handled-events'],
    'mmio-acks-what-it-read': 'mmio/driver/regs/no-undefined-ack-bits',
  },
});
