import { type DeviceFault, defineCase } from '../api/index.ts';

const MAPPING = { iova: 0x10_0000n, length: 0x1000 } as const;

/** Which request is answered how; only the first time. */
const ODDITIES = {
  'PROBE-refused': { name: 'status-of-request', request: 'PROBE', nth: 1, status: 3 },
  'MAP-longer': { name: 'long-used-length', request: 'MAP', nth: 1 },
  'UNMAP-shorter': { name: 'short-used-length', request: 'UNMAP', nth: 1 },
  'UNMAP-refused': { name: 'status-of-request', request: 'UNMAP', nth: 1, status: 6 },
  'DETACH-refused': { name: 'status-of-request', request: 'DETACH', nth: 1, status: 4 },
  'nothing-odd': undefined,
} as const satisfies Readonly<Record<string, DeviceFault | undefined>>;

export default defineCase({
  id: 'operations/works-again',
  title: 'After one invalid completion, a stop and a start, everything works again',
  demands:
    'A device that has lost its way for a moment must not cost the system its IOMMU. Whatever the driver makes of the one answer, ' +
    'it goes on answering its users, and works as before once it was taken down and brought up.',
  requirements: ['platform/robustness/survives'],
  needs: { verbs: ['start', 'stop', 'attach', 'detach', 'map', 'unmap'] },

  vary: ODDITIES,
  control: 'nothing-odd',

  given: (fault) => ({ endpoints: { dma: {} }, faults: fault ? [fault] : [] }),

  async when({ driver }) {
    await driver.try.start();
    const attached = await driver.try.attach({ endpoint: 'dma' });
    if (attached.ok) {
      const mapped = await driver.try.map({ ...MAPPING, access: 'read-write' });
      if (mapped.ok) await driver.try.unmap(MAPPING);
      await driver.try.detach({ endpoint: 'dma' });
    }
    await driver.try.stop();
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ ...MAPPING, access: 'read-write' });
  },

  then(seen, fault) {
    const [stop] = seen.calls('stop');
    const struck = seen.of('completion').find((event) => fault && event.fault?.includes(fault.name));
    if (!stop) return;
    if (fault && (!struck || struck.seq > stop.answer.seq)) {
      seen.untested(`The driver sent no ${fault.request} before it was stopped.`);
      return;
    }
    const broken = seen.calls().find(({ asked, ok }) => asked.seq > stop.answer.seq && !ok);
    // A device that forgets nothing over a reset may rightly refuse what it would carry out in a new life.
    const isOpen = broken && seen.world.before(broken.answer).domains('iommu').doubtful;
    seen.check(
      'platform/robustness/survives',
      broken === undefined || (isOpen === true || !fault ? undefined : false),
      broken?.answer,
      `After one odd answer to ${fault?.request}, a stop and a start, '${broken?.verb}' still fails: ${broken?.answer.reason ?? 'no reason given'}.`,
    );
  },

  mustCatch: {
    'panics-on-long-answer': 'platform/robustness/survives',
    'gives-up-for-good': 'platform/robustness/survives',
  },
});
