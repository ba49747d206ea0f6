import { defineCase, type EventOf, type Seen } from '../api/index.ts';

const IN_USE = 'platform/free/not-while-in-use';
const LEFT = 'platform/free/unmapped-on-release';

export default defineCase({
  id: 'free/under-load',
  title: 'A driver that is taken down in the middle of transfers stops its endpoint first, and leaves nothing mapped',
  demands:
    'The driver is unbound while its endpoint is at work: the rings hold buffers that are to be written, buffers that are to be read, ' +
    'and tables that list them. Nothing of it may be unmapped before the endpoint has given it back or has been reset, and ' +
    'everything has to be unmapped when the driver is gone.',
  requirements: ['platform/free/not-while-in-use', 'platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'io', 'release'] },

  vary: {
    'network-card': { topology: 'net', endpoint: 'net', length: 0x4000 },
    disk: { topology: 'disk', endpoint: 'disk', length: 0x8000 },
  } as const,

  given: ({ topology, endpoint }) => ({
    topology,
    endpoints: { [endpoint]: {}, dma: {} },
    without: ['bypass-acts-until-written'],
  }),

  async when({ driver, machine }, { endpoint, length }) {
    await driver.start();
    const begun = await driver.io({ endpoint, length, background: true });
    if (!begun.ok) return;
    const { ok } = await driver.release({ endpoint });
    if (ok) await machine.retryAddresses({ endpoint, label: 'stale' });
  },

  then(seen, { endpoint }) {
    if (seen.driver.passthrough) {
      seen.notApplicable('Endpoints with a driver of their own pass the IOMMU by, as the driver was asked to.');
      return;
    }
    judgeDepartures(seen, endpoint);
    for (const access of seen.dma('stale')) {
      if (seen.driver.lazyUnmap) continue;
      seen.check(
        LEFT,
        access.outcome === 'fault',
        access,
        `After the driver of the endpoint was taken down at work, a ${access.access} at 0x${access.address.toString(16)} went through; it must fault.`,
      );
    }
  },

  mustCatch: {
    'rng-reset-after-unmap': 'platform/free/not-while-in-use',
    'rng-not-reset': 'platform/free/not-while-in-use',
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
    'rng-keeps-ring-mapping': 'platform/free/unmapped-on-release',
    'in-flight-stays-mapped': 'platform/free/unmapped-on-release',
  },
});

/** Every UNMAP spares what the endpoint has been told of by then and has not given back. */
function judgeDepartures(seen: Seen, slot: string): void {
  const held = new Map<string, EventOf<'exposed'>>();
  for (const event of seen.events) {
    if (event.kind === 'exposed' && event.endpoint === slot && event.reachable) held.set(nameOf(event), event);
    else if (event.kind === 'returned' && event.endpoint === slot) held.delete(nameOf(event));
    else if (event.kind === 'request' && event.name === 'UNMAP' && seen.answerTo(event)?.status === 0) {
      const { virt_start = 0n, virt_end = 0n } = event.fields;
      const taken = [...held.values()].find(({ address }) => address >= virt_start && address <= virt_end);
      seen.check(
        IN_USE,
        taken === undefined,
        event,
        `UNMAP takes 0x${taken?.address.toString(16) ?? ''} away, a ${taken?.what ?? ''} that the endpoint has not given back.`,
      );
    }
  }
}

const nameOf = ({ address, length, access }: Pick<EventOf<'returned'>, 'address' | 'length' | 'access'>): string =>
  `${address} ${length} ${access}`;
