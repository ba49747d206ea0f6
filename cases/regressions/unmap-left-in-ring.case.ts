import { defineCase, type EventOf, type Seen } from '../api/index.ts';

const IOVA = 0x10_0000n;
/** The address is used again for one buffer after the other. */
const BUFFERS = ['first', 'second', 'third'] as const;
const NEW_OWNERS = '5ec4e7';

export default defineCase({
  id: 'regressions/unmap-left-in-ring',
  title: 'An UNMAP does not wait in the ring for the next request while its memory has a new owner',
  demands:
    'When an unmap is confirmed, memory and address may have a new owner at once. An UNMAP that stands in the ring without a ' +
    'notification is carried out with whatever request comes next, and until then the endpoint reads and writes what is not its own.',
  requirements: ['platform/free/unmapped-when-freed', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap', 'poke'] },

  given: () => ({}),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (const buffer of BUFFERS) {
      await driver.map({ iova: IOVA, length: 0x1000, access: 'read-write', buffer });
      await machine.dma({ endpoint: 'dma', address: IOVA, length: 4, access: 'read', label: 'mapped' });
      await driver.unmap({ iova: IOVA, length: 0x1000 });
      await driver.poke({ buffer, offset: 0, bytes: NEW_OWNERS });
      await machine.dma({ endpoint: 'dma', address: IOVA, length: 3, access: 'read', label: 'stale' });
      await machine.dma({ endpoint: 'dma', address: IOVA, length: 3, access: 'write', label: 'stale' });
    }
  },

  then(seen) {
    for (const access of seen.dma('mapped')) {
      seen.check(
        'platform/map/exactly-as-asked',
        seen.world.reached(access),
        access,
        'The address was mapped anew, and an access faults.',
      );
    }
    for (const access of seen.dma('stale')) {
      const found = access.outcome === 'ok' && access.bytes === NEW_OWNERS ? " and finds its new owner's bytes" : '';
      seen.check(
        'platform/free/unmapped-when-freed',
        seen.world.withdrawn(access),
        access,
        `The unmap had been confirmed, ${sentWhen(seen, access)}, and a ${access.access} of the memory succeeds${found}; it must fault.`,
      );
    }
  },

  shippedIn: [
    'Linux 7.0-rc, in strict mode: iommu_iotlb_sync() no longer called a driver that gathers nothing, so that UNMAP was neither ' +
      'announced nor waited for; commit 90c5def10bea, repaired by 7e0548525abd.',
  ],

  mustCatch: {
    'kick-forgotten-for-unmap': 'platform/free/unmapped-when-freed',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
  },
});

/** What became of the UNMAP of the last unmap before `access`. */
function sentWhen(seen: Seen, access: EventOf<'dma'>): string {
  const call = seen.calls('unmap').findLast(({ answer }) => answer.seq < access.seq);
  const next = seen.of('request').find(({ name, seq }) => name === 'UNMAP' && call && seq > call.asked.seq);
  if (call && next && next.seq < access.seq) return 'its UNMAP had been sent';
  return next ? 'its UNMAP came to the device only later' : 'no UNMAP was sent for it';
}
