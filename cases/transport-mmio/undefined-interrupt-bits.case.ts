import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/undefined-interrupt-bits',
  title: 'Undefined bits of InterruptStatus are ignored',
  demands:
    'Later versions may give a meaning to further bits of InterruptStatus. Until then a driver ignores them: it neither takes them ' +
    'for an error nor acknowledges them.',
  requirements: ['mmio/driver/regs/ignore-undefined-interrupt-bits', 'mmio/driver/regs/no-undefined-ack-bits'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { undefined: ['mmio-undefined-interrupt-status'], control: [] } as const,
  control: 'control',

  given: (faults) => ({ topology: 'mmio', endpoints: { rng: {}, dma: {} }, faults }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, faults) {
    const looked = seen
      .of('register-read')
      .some(({ field, value, structure }) => structure === 'mmio' && field === 'InterruptStatus' && value !== 0n);
    if (!looked) return seen.untested('The driver never found anything in InterruptStatus.');
    for (const { verb, ok, answer } of seen.calls()) {
      if (verb === 'stop') continue;
      seen.check(
        'mmio/driver/regs/ignore-undefined-interrupt-bits',
        faults.length > 0 ? ok : ok || undefined,
        answer,
        `The driver answers '${verb}' with: ${answer.reason ?? 'no reason given'}.`,
      );
    }
  },

  mustCatch: {
    'mmio-undefined-status-gives-up': 'mmio/driver/regs/ignore-undefined-interrupt-bits',
    'mmio-acks-everything': 'mmio/driver/regs/no-undefined-ack-bits',
    'mmio-undefined-status-resets': 'mmio/driver/regs/ignore-undefined-interrupt-bits',
  },
});
