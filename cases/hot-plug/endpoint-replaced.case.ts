import { defineCase, endpointId } from '../api/index.ts';

const IOVA = 0x10_0000n;
const OTHER_IOVA = 0x30_0000n;
const LENGTH = 0x1000;
/** What only the second endpoint reports. */
const RESERVED = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };

export default defineCase({
  id: 'hot-plug/endpoint-replaced',
  title: 'An endpoint that was pulled out is forgotten, and its successor in the same place begins anew',
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

  given: () => ({ endpoints: { rng: {}, dma: {} }, without: ['bypass-acts-until-written', 'reset-keeps-state'] }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma', domain: 'first' });
    const before = await driver.try.map({ domain: 'first', iova: IOVA, length: LENGTH, access: 'read-write' });
    if (!before.ok) return;
    await machine.removeEndpoint({ endpoint: 'dma' });
    const unplugged = await driver.try.unplug({ endpoint: 'dma' });
    if (!unplugged.ok) return;
    await driver.try.attach({ endpoint: 'dma', domain: 'none' });
    await machine.addEndpoint({ endpoint: 'dma', resvMem: [RESERVED] });
    const plugged = await driver.try.plug({ endpoint: 'dma' });
    if (!plugged.ok) return;
    const again = await driver.try.attach({ endpoint: 'dma', domain: 'second' });
    if (!again.ok) return;
    await driver.try.map({ domain: 'second', iova: RESERVED.start, length: LENGTH, access: 'read-write' });
    const after = await driver.try.map({ domain: 'second', iova: OTHER_IOVA, length: LENGTH, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'old' });
    if (after.ok) await machine.dma({ endpoint: 'dma', address: OTHER_IOVA, access: 'read', label: 'new' });
  },

  then(seen) {
    const taken = seen.answers.find(({ verb, outcome }) => verb === 'unplug' && outcome === 'ok');
    const newcomer = seen.of('plug').find(({ present }) => present);
    if (!taken || !newcomer) return;
    const id = endpointId('dma');
    const named = seen.requests.find(
      ({ seq, name, fields }) => seq > taken.seq && seq < newcomer.seq && fields.endpoint === id && name !== 'DETACH',
    );
    seen.check(
      'platform/hot-plug/gone-endpoint-left-alone',
      named === undefined,
      named,
      `${named?.name ?? 'A request'} names 0x${id.toString(16)} after that endpoint was taken out.`,
    );
    for (const map of seen.named('MAP').filter(({ seq }) => seq > newcomer.seq)) {
      const { virt_start = 0n, virt_end = 0n } = map.fields;
      if (!seen.has('iommu', 'VIRTIO_IOMMU_F_PROBE')) continue;
      seen.check(
        'iommu/driver/resv-mem/no-map-in-reserved',
        virt_end < RESERVED.start || virt_start > RESERVED.end,
        map,
        `MAP covers 0x${virt_start.toString(16)} to 0x${virt_end.toString(16)}; the endpoint that came later reserves 0x${RESERVED.start.toString(16)} to 0x${RESERVED.end.toString(16)}.`,
      );
    }
    for (const [label, outcome] of [
      ['old', 'fault'],
      ['new', 'ok'],
    ] as const) {
      for (const access of seen.dma(label)) {
        seen.check(
          'platform/map/exactly-as-asked',
          access.outcome === outcome,
          access,
          `For the endpoint that came later 0x${access.address.toString(16)} is ${label === 'new' ? '' : 'not '}mapped, and its access ends with ${access.outcome}.`,
        );
      }
    }
  },

  mustCatch: {
    'unplugged-endpoint-kept': 'platform/hot-plug/gone-endpoint-left-alone',
    'plug-without-probe': ['iommu/driver/init/probe-before-attach', 'iommu/driver/resv-mem/no-map-in-reserved'],
  },
});
