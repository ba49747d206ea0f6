import { defineCase, endpointId, hex } from '../api/index.ts';

const IOVA = 0x10_0000n;
const OTHER_IOVA = 0x30_0000n;
const LENGTH = 0x1000;
/** What only the second endpoint reports. */
const RESERVED = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };

export default defineCase({
  id: 'hot-plug/endpoint-replaced',
  title: 'After surprise removal of an endpoint, its successor in the same slot starts without any of its state',
  demands:
    'What is put into the place of an endpoint has its ID and may be something else. A driver that keeps what it knew names an endpoint ' +
    'that is not there, takes old reserved regions for those of the new one, or leaves it in a domain that is no more.',
  requirements: [
    'platform/hot-plug/gone-endpoint-left-alone',
    'iommu/driver/init/probe-before-attach',
    'iommu/driver/resv-mem/no-map-in-reserved',
    'platform/map/exactly-as-asked',
  ],
  needs: { verbs: ['start', 'attach', 'map'], optionalVerbs: ['plug', 'unplug'] },

  given: () => ({ endpoints: { rng: {}, dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma', domain: 'first' });
    await driver.map({ domain: 'first', iova: IOVA, length: LENGTH, access: 'read-write' });
    await machine.removeEndpoint({ endpoint: 'dma' });
    await driver.unplug({ endpoint: 'dma' });
    await driver.try.attach({ endpoint: 'dma', domain: 'none' });
    await machine.addEndpoint({ endpoint: 'dma', resvMem: [RESERVED] });
    await driver.plug({ endpoint: 'dma' });
    await driver.attach({ endpoint: 'dma', domain: 'second' });
    await driver.try.map({ domain: 'second', iova: RESERVED.start, length: LENGTH, access: 'read-write' });
    await driver.map({ domain: 'second', iova: OTHER_IOVA, length: LENGTH, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'old' });
    await machine.dma({ endpoint: 'dma', address: OTHER_IOVA, access: 'read', label: 'new' });
  },

  then(seen) {
    const [unplug] = seen.calls('unplug');
    const newcomer = seen.of('plug').find(({ present }) => present);
    if (!unplug || !newcomer) return;
    const id = endpointId('dma');
    const named = seen.requests.find(
      ({ seq, name, fields }) =>
        seq > unplug.answer.seq && seq < newcomer.seq && fields.endpoint === id && name !== 'DETACH',
    );
    const says = `${named?.name ?? 'A request'} names ${hex(id)} after that endpoint was taken out.`;
    seen.check('platform/hot-plug/gone-endpoint-left-alone', !named, named, says);
    for (const access of seen.dma('old')) {
      const old = `DMA of the endpoint's successor to ${hex(access.address)} goes through, which was mapped for its predecessor only; a fault was expected.`;
      seen.check('platform/map/exactly-as-asked', seen.world.blocked(access), access, old);
    }
    for (const access of seen.dma('new')) {
      const fresh = `DMA of the endpoint's successor to ${hex(access.address)} faults, which was mapped for it; it must go through.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, fresh);
    }
  },

  mustCatch: {
    'unplugged-endpoint-kept': 'platform/hot-plug/gone-endpoint-left-alone',
    'plug-without-probe': 'iommu/driver/init/probe-before-attach',
  },
});
