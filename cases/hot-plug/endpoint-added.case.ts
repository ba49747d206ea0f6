import { defineCase, describedId, endpointId, type SlotName } from '../api/index.ts';

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

  given: () => ({ endpoints: { rng: {} }, without: ['bypass-acts-until-written'] }),

  async when({ driver, machine }, slot) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await machine.addEndpoint({ endpoint: slot });
    const plugged = await driver.try.plug({ endpoint: slot });
    if (plugged.ok) await driver.try.io({ endpoint: slot });
  },

  then(seen, slot) {
    const { topology } = seen.setup;
    const exposed = seen.of('exposed').filter(({ endpoint }) => endpoint === slot);
    const [first] = exposed;
    if (describedId(slot, topology) === undefined) {
      const named = seen.requests.find(({ fields }) => fields.endpoint === endpointId(slot));
      const { name = 'A request', fields: { endpoint = 0 } = {} } = named ?? {};
      const says = `${name} names 0x${endpoint.toString(16)}, a function that the topology does not describe.`;
      const byTree = seen.driver.description === 'device-tree';
      const requirement = byTree
        ? 'platform/device-tree/gaps-untouched'
        : 'platform/viot/undescribed-endpoints-untouched';
      if (first || named) seen.check(requirement, named === undefined, named, says);
      return;
    }
    if (!first || !seen.accepted(slot) || seen.driver.passthrough) return;
    const id = endpointId(slot);
    const attached = seen
      .named('ATTACH')
      .find((attach) => attach.fields.endpoint === id && seen.answerTo(attach)?.status === 0);
    seen.check(
      'platform/order/no-dma-before-iommu',
      attached !== undefined && attached.seq < first.seq,
      first,
      `The endpoint was given 0x${first.address.toString(16)} before an ATTACH of 0x${id.toString(16)} had succeeded.`,
    );
    for (const address of exposed.filter(({ accessPlatform }) => accessPlatform)) {
      seen.check(
        'platform/map/reachable-when-exposed',
        address.reachable,
        address,
        `The endpoint was given 0x${address.address.toString(16)}, which is not mapped for it.`,
      );
    }
  },

  mustCatch: {
    'plug-without-attach': 'platform/order/no-dma-before-iommu',
    'plug-untranslated': 'platform/map/reachable-when-exposed',
    'attaches-gap': 'platform/viot/undescribed-endpoints-untouched',
  },
});
