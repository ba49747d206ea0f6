import { counted, defineMonitor } from '../api/index.ts';
import { inSession, inEachSession } from './sessions.ts';

/** Instead of an MSI-X vector: INTx. */
const NO_VECTOR = 0xffff;
/** A handler may still be on its way when the command that waited for its news is answered. */
const PATIENCE = 2;

export default defineMonitor({
  id: 'isr-status',
  title: 'Without MSI-X an interrupt is acknowledged by reading ISR',
  requirements: ['pci/prose/isr-read-clears'],
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    const reads = inSession(session, 'register-read').filter(({ structure }) => structure === 'isr');
    const interrupts = inSession(session, 'interrupt').filter(({ vector }) => vector === NO_VECTOR);
    // Configuration changes cannot be asked for nor refused: they interrupt drivers too that only ever look.
    if (!interrupts.some(({ because }) => because === 'queue')) return;
    for (const interrupt of interrupts) {
      const read = reads.find(({ seq }) => seq > interrupt.seq);
      const reset = seen.of('reset').find(({ device, seq }) => device === session.iommu && seq > interrupt.seq);
      const until = read?.seq ?? reset?.seq ?? Infinity;
      const answers = seen.answers.filter(({ seq }) => seq > interrupt.seq && seq < until);
      if (read === undefined && answers.length < PATIENCE) continue;
      seen.check(
        'pci/prose/isr-read-clears',
        read !== undefined,
        interrupt,
        `The device raised INTx, and ISR was not read within the next ${counted(answers.length, 'command')}: the line stays up.`,
      );
    }
  }),
  mustCatch: {
    'isr-unread': 'pci/prose/isr-read-clears',
    'isr-acknowledged-by-write': 'pci/prose/isr-read-clears',
  },
});
