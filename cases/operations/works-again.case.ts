import { type DeviceFault, defineCase } from '../api/index.ts';

const MAPPING = { iova: 0x10_0000n, length: 0x1000 } as const;

/** Which request is answered how; only the first time. */
const ODDITIES = {
  'PROBE-refused': { name: 'status-of-request', request: 'PROBE', nth: 1, status: 3 },
  'MAP-longer': { name: 'long-used-length', request: 'MAP', nth: 1 },
  'UNMAP-shorter': { name: 'short-used-length', request: 'UNMAP', nth: 1 },
  'UNMAP-refused': { name: 'status-of-request', request: 'UNMAP', nth: 1, status: 6 },
  'DETACH-refused': { name: 'status-of-request', request: 'DETACH', nth: 1, status: 4 },
} as const satisfies Readonly<Record<string, DeviceFault>>;

export default defineCase({
  id: 'operations/works-again',
  title: 'After one answer that makes no sense, a stop and a start, everything works again',
  demands:
    'A device that has lost its way for a moment must not cost the system its IOMMU. Whatever the driver makes of the one answer, ' +
    'it goes on answering its users, and works as before once it was taken down and brought up.',
  requirements: ['platform/robustness/survives'],
  needs: { verbs: ['start', 'stop', 'attach', 'detach', 'map', 'unmap'] },

  vary: ODDITIES,

  given: (fault) => ({ endpoints: { dma: {} }, faults: [fault], without: ['reset-keeps-state'] }),

  async when({ driver }) {
    await driver.try.start();
    const attached = await driver.try.attach({ endpoint: 'dma' });
    if (attached.ok) {
      const mapped = await driver.try.map({ ...MAPPING, access: 'read-write' });
      if (mapped.ok) await driver.try.unmap(MAPPING);
      await driver.try.detach({ endpoint: 'dma' });
    }
    await driver.try.stop();
    const started = await driver.try.start();
    const again = started.ok && (await driver.try.attach({ endpoint: 'dma' })).ok;
    if (again) await driver.try.map({ ...MAPPING, access: 'read-write' });
  },

  then(seen, { name, request }) {
    const stopped = seen.answers.find(({ verb }) => verb === 'stop');
    const struck = seen.of('completion').find((event) => event.name === request && event.fault?.includes(name));
    if (!stopped || !struck || struck.seq > stopped.seq) {
      seen.untested(`The driver sent no ${request} before it was stopped.`);
      return;
    }
    const broken = seen.answers.find(({ seq, outcome }) => seq > stopped.seq && outcome === 'not-ok');
    seen.check(
      'platform/robustness/survives',
      broken === undefined,
      broken,
      `After one odd answer to ${request}, a stop and a start, '${broken?.verb}' still fails: ${broken?.reason ?? 'no reason given'}.`,
    );
  },

  mustCatch: {
    'panics-on-long-answer': 'platform/robustness/survives',
    'gives-up-for-good': 'platform/robustness/survives',
  },
});
