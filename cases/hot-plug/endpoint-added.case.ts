import { defineCase, endpointId, hex, type SlotName } from '../api/index.ts';

export default defineCase({
  id: 'hot-plug/endpoint-added',
  title: 'An endpoint that comes later is treated like one that was there from the start',
  demands:
    'A device that is put in while the driver runs is probed and attached, by the ID that the topology gives its place, before its own ' +
    'driver hands it the first address. One in a place that the topology leaves out is never named in a request.',
  requirements: [
    'platform/order/no-dma-before-iommu',
    'platform/map/reachable-when-exposed',
    'platform/viot/undescribed-endpoints-untouched',
    'platform/device-tree/gaps-untouched',
  ],
  needs: { verbs: ['start', 'io'], optionalVerbs: ['plug'] },

  vary: { described: 'rng2', 'in-the-gap': 'gap' } as const satisfies Readonly<Record<string, SlotName>>,

  given: () => ({ endpoints: { rng: {} } }),

  async when({ driver, machine }, slot) {
    await driver.start();
    await machine.addEndpoint({ endpoint: slot });
    const verbs = slot === 'gap' ? driver.try : driver;
    await verbs.plug({ endpoint: slot });
    await verbs.io({ endpoint: slot });
  },

  then(seen, slot) {
    const exposures = seen.of('exposed').filter(({ endpoint }) => endpoint === slot);
    if (slot === 'gap') {
      const named = seen.requests.find(({ fields }) => fields.endpoint === endpointId(slot));
      if (exposures.length === 0 && !named) return;
      const says = `${named?.name ?? 'A request'} names ${hex(endpointId(slot))}, a function that the topology does not describe.`;
      seen.check('platform/viot/undescribed-endpoints-untouched', !named, named, says);
      seen.check('platform/device-tree/gaps-untouched', !named, named, says);
      return;
    }
    for (const exposed of exposures.filter(({ accessPlatform }) => accessPlatform)) {
      const told = `The endpoint is told of ${hex(exposed.address)}`;
      const isFirst = exposed === exposures[0];
      seen.check(
        'platform/order/no-dma-before-iommu',
        isFirst ? seen.world.attached(exposed) : undefined,
        exposed,
        `${told}, and no ATTACH of ${hex(endpointId(slot))} has succeeded.`,
      );
      const says = `${told}, which is not mapped for ${exposed.access}.`;
      seen.check('platform/map/reachable-when-exposed', seen.world.reachable(exposed), exposed, says);
    }
  },

  mustCatch: {
    'plug-without-attach': 'platform/order/no-dma-before-iommu',
    'plug-untranslated': 'platform/map/reachable-when-exposed',
    'attaches-gap': 'platform/viot/undescribed-endpoints-untouched',
  },
});
