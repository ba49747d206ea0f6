import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/undefined-interrupt-bits',
  title: 'Bits of InterruptStatus that nobody defines change nothing',
  demands:
    'Later versions may give a meaning to further bits of InterruptStatus. Until then a driver ignores them: it neither takes them ' +
    'for an error nor acknowledges them.',
  requirements: ['mmio/driver/regs/ignore-undefined-interrupt-bits', 'mmio/driver/regs/no-undefined-ack-bits'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { undefined: ['mmio-undefined-interrupt-status'], control: [] } as const,

  given: (faults) => ({ topology: 'mmio', endpoints: { rng: {}, dma: {} }, faults }),

  async when({ driver }) {
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    const looked = seen
      .of('register-read')
      .some(({ field, value, structure }) => structure === 'mmio' && field === 'InterruptStatus' && value !== 0n);
    if (!looked) return seen.untested('The driver never found anything in InterruptStatus.');
    for (const answer of seen.answers.filter(({ verb }) => verb !== 'stop')) {
      seen.check(
        'mmio/driver/regs/ignore-undefined-interrupt-bits',
        answer.outcome === 'ok',
        answer,
        `${answer.verb} fails: ${answer.reason ?? 'no reason given'}.`,
      );
    }
    for (const ack of seen.of('register-write').filter(({ field }) => field === 'InterruptACK')) {
      seen.check(
        'mmio/driver/regs/no-undefined-ack-bits',
        (ack.value & ~3n) === 0n,
        ack,
        `InterruptACK is written as 0x${ack.value.toString(16)}; only bits 0 and 1 are defined.`,
      );
    }
  },

  mustCatch: {
    'mmio-undefined-status-gives-up': 'mmio/driver/regs/ignore-undefined-interrupt-bits',
    'mmio-acks-everything': 'mmio/driver/regs/no-undefined-ack-bits',
    'mmio-undefined-status-resets': 'mmio/driver/regs/ignore-undefined-interrupt-bits',
  },
});
