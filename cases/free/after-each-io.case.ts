import { accessText, defineCase, type EventOf, hex, type Mapping, mappingAt, type Seen } from '../api/index.ts';

/** Without indirect tables, a scattered buffer lies in the ring itself. */
const DIRECT = ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM'] as const;

export default defineCase({
  id: 'free/after-each-io',
  title: 'What is mapped for one transfer of a real endpoint driver is unmapped before the next one takes its place',
  demands:
    'When the endpoint has given a buffer back, the driver unmaps it, and only then gives the memory to its caller or the address ' +
    'to another buffer. A buffer that stays mapped, and is used for one transfer after the other, is a different matter, and not judged.',
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
    await driver.start();
    await driver.io({ endpoint, length });
    await machine.retryAddresses({ endpoint, label: 'stale' });
    for (let transfer = 1; transfer < count; transfer++) {
      await driver.try.io({ endpoint, length });
      await machine.retryAddresses({ endpoint, label: 'stale' });
    }
  },

  then(seen, { endpoint }) {
    for (const back of seen.of('returned').filter((event) => event.endpoint === endpoint)) {
      const again = buffersOf(seen, endpoint).find(({ seq, address }) => seq > back.seq && address === back.address);
      const [old, current] = [mappingUnder(seen, back), again && mappingUnder(seen, again)];
      if (old && current && old.madeBy !== current.madeBy) seen.held('iommu/safety/unmap-before-reuse', again);
    }
    const tries = seen.dma('stale').map((access) => {
      const isGone = seen.world.withdrawn(access);
      const left = isGone === false ? mappingLeftBy(seen, access) : undefined;
      const mayStay = isGone === false && !left;
      return { access, left, mayStay, isGone: mayStay ? undefined : isGone };
    });
    if (tries.length > 0 && tries.every(({ mayStay }) => mayStay)) {
      seen.untested('What is still mapped after a transfer may be meant to stay mapped.');
    }
    for (const { access, left, isGone } of tries) {
      const says = `A DMA ${accessText(access)} still succeeds, in a buffer that came back before the last transfer; a fault was expected.`;
      seen.check('platform/free/unmapped-when-freed', isGone, access, says);
      const reuse = left && buffersOf(seen, endpoint).find((buffer) => isReuseOf(left, mappingUnder(seen, buffer)));
      if (!left || !reuse) continue;
      const reused = `The memory behind ${hex(left.virt_start)} is given to the endpoint at ${hex(reuse.address)}, and is still mapped at the old address.`;
      seen.check('iommu/safety/unmap-before-reuse', false, reuse, reused);
    }
  },

  mustCatch: {
    'rng-keeps-mapping': 'platform/free/unmapped-when-freed',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
    'frees-without-unmap': ['platform/free/unmapped-when-freed', 'iommu/safety/unmap-before-reuse'],
    'last-piece-stays-mapped': ['platform/free/unmapped-when-freed', 'iommu/safety/unmap-before-reuse'],
  },
});

const buffersOf = (seen: Seen, slot: string): EventOf<'exposed'>[] =>
  seen.of('exposed').filter(({ endpoint, what }) => endpoint === slot && what === 'buffer');

const mappingUnder = (seen: Seen, at: EventOf<'exposed' | 'returned' | 'dma'>): Mapping | undefined =>
  mappingAt({ mappings: seen.world.mappingsFor(at.endpoint, at) ?? [] }, at.address);

const isReuseOf = (old: Mapping, current: Mapping | undefined): boolean =>
  current !== undefined &&
  current.madeBy > old.madeBy &&
  current.phys_start <= old.phys_start + (old.virt_end - old.virt_start) &&
  old.phys_start <= current.phys_start + (current.virt_end - current.virt_start);

/**
 * The mapping that lets `access` through, if it was made in one transfer, another one has mapped anew since its buffer came back,
 * and nothing used it again. Else it may be meant to stay, or the driver has not seen yet that the buffer came back.
 */
function mappingLeftBy(seen: Seen, access: EventOf<'dma'>): Mapping | undefined {
  const { endpoint, address } = access;
  const mapping = mappingUnder(seen, access);
  const back = seen
    .of('returned')
    .findLast(
      (event) =>
        event.seq < access.seq &&
        event.endpoint === endpoint &&
        event.address <= address &&
        address < event.address + BigInt(event.length),
    );
  if (!mapping || !back) return undefined;
  const transfers = seen.calls('io');
  const isForOne = transfers.some(({ asked, answer }) => asked.seq < mapping.madeBy && mapping.madeBy < answer.seq);
  const isFollowed = transfers.some(
    (call) => back.seq < call.asked.seq && call.answer.seq < access.seq && call.requests('MAP').length > 0,
  );
  const isUsedAgain = buffersOf(seen, endpoint).some(
    (buffer) => buffer.seq > back.seq && mappingUnder(seen, buffer)?.madeBy === mapping.madeBy,
  );
  return isForOne && isFollowed && !isUsedAgain ? mapping : undefined;
}
