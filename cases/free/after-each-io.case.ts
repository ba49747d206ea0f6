import { counted, defineCase, type EventOf, type Seen } from '../api/index.ts';

/** Without indirect tables, a scattered buffer lies in the ring itself. */
const DIRECT = ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM'] as const;

const REQUIREMENT = 'iommu/safety/unmap-before-reuse';

export default defineCase({
  id: 'free/after-each-io',
  title:
    'After every transfer of a real endpoint driver its buffer is unmapped before the address or the memory is used again',
  demands:
    'When the endpoint has given a buffer back, the driver unmaps it, and only then gives the memory to its caller or the address ' +
    'to the next buffer. In lazy mode a driver postpones that on purpose; this is said, not failed.',
  requirements: ['iommu/safety/unmap-before-reuse', 'platform/free/unmapped-when-freed'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'two-transfers': { endpoint: 'rng', count: 2, length: 64 },
    'five-transfers': { endpoint: 'rng', count: 5, length: 64 },
    'disk-one-sector': { endpoint: 'disk', count: 2, length: 512 },
    'disk-scattered': { endpoint: 'disk', count: 2, length: 0x8000 },
    'disk-direct-descriptors': { endpoint: 'disk', count: 2, length: 0x3000, features: DIRECT },
  } as const,

  given: ({ endpoint, ...row }) => ({
    ...(endpoint === 'disk' && { topology: 'disk' }),
    endpoints: { [endpoint]: 'features' in row ? { features: row.features } : {} },
  }),

  async when({ driver, machine }, { endpoint, count, length }) {
    await driver.try.start();
    for (let transfer = 0; transfer < count; transfer++) {
      await driver.try.io({ endpoint, length });
      await machine.retryAddresses({ endpoint, label: 'stale' });
    }
  },

  then(seen, row) {
    const returned = seen.of('returned').filter(({ endpoint }) => endpoint === row.endpoint);
    if (seen.driver.passthrough) {
      seen.notApplicable('Endpoints with a driver of their own pass the IOMMU by, as the driver was asked to.');
      return;
    }
    if (seen.driver.lazyUnmap) {
      const reached = seen.dma('stale').filter(({ outcome }) => outcome === 'ok').length;
      seen.untested(
        `The driver unmaps lazily on purpose: ${counted(reached, 'access', 'accesses')} to returned buffers still went through.`,
      );
      return;
    }
    for (const buffer of returned) {
      const again = nextExposure(seen, buffer);
      if (!again) continue;
      const between = seen
        .named('UNMAP')
        .find((unmap) => unmap.seq > buffer.seq && unmap.seq < again.seq && covers(unmap, buffer.address));
      const done = between && seen.answerTo(between)?.status === 0;
      seen.check(
        REQUIREMENT,
        done === true,
        again,
        `The address 0x${buffer.address.toString(16)} was given to the endpoint again without an UNMAP since it had come back.`,
      );
    }
    for (const access of seen.dma('stale').filter((it) => hadTheChance(seen, it))) {
      seen.check(
        'platform/free/unmapped-when-freed',
        access.outcome === 'fault',
        access,
        `A ${access.access} at 0x${access.address.toString(16)}, in a buffer that had come back before the last transfer, went through; it must fault.`,
      );
    }
  },

  mustCatch: {
    'rng-keeps-mapping': 'platform/free/unmapped-when-freed',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
    'frees-without-unmap': 'platform/free/unmapped-when-freed',
    'last-piece-stays-mapped': 'platform/free/unmapped-when-freed',
  },
});

function nextExposure(seen: Seen, buffer: EventOf<'returned'>): EventOf<'exposed'> | undefined {
  return seen
    .of('exposed')
    .find((later) => later.endpoint === buffer.endpoint && later.seq > buffer.seq && later.address === buffer.address);
}

function covers(unmap: EventOf<'request'>, address: bigint): boolean {
  const { virt_start: start, virt_end: end } = unmap.fields;
  return start !== undefined && end !== undefined && start <= address && address <= end;
}

/**
 * Whether the driver has seen that the buffer came back: only then can it have unmapped it. Endpoint drivers fetch data in
 * the background too, so the buffer must have come back before a transfer began that has been answered since, and must not
 * have been given out again.
 */
function hadTheChance(seen: Seen, access: EventOf<'dma'>): boolean {
  const isThere = (event: { address: bigint; length: number; seq: number }): boolean =>
    event.seq < access.seq && event.address <= access.address && access.address < event.address + BigInt(event.length);
  const exposed = seen.of('exposed').findLast((event) => event.what === 'buffer' && isThere(event));
  const returned = seen.of('returned').findLast(isThere);
  const transfer = seen.of('verb').findLast(({ verb, seq }) => verb === 'io' && seq < access.seq);
  return (
    exposed !== undefined &&
    returned !== undefined &&
    transfer !== undefined &&
    exposed.seq < returned.seq &&
    returned.seq < transfer.seq
  );
}
