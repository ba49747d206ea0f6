import { defineCase, describedId, hex } from '../api/index.ts';

const SLOT_NAMES = ['rng2', 'dma2'] as const;

export default defineCase({
  id: 'topology/conventional-bus',
  title: 'Functions on one conventional PCI bus share a domain, whoever drives them',
  demands:
    'On a conventional PCI bus every function sees the DMA of the others: an IOMMU behind the bridge cannot isolate them. Domains of ' +
    'their own would promise a protection that is not there, so they are attached to one and move together.',
  requirements: ['iommu/driver/attach/group-non-isolated', 'platform/map/reachable-when-exposed'],
  needs: { verbs: ['start', 'io'] },

  vary: { 'own-drivers': false, 'one-is-moved': true },

  given: () => ({ topology: 'bridged', endpoints: { rng: {}, rng2: {}, dma2: {} } }),

  async when({ driver }, moves) {
    await driver.start();
    await driver.io({ endpoint: 'rng2' });
    if (!moves) return;
    // A driver may refuse as long as the other function is in use.
    const attached = await driver.try.attach({ endpoint: 'dma2' });
    if (attached.ok) await driver.detach({ endpoint: 'dma2' });
  },

  then(seen) {
    const group = SLOT_NAMES.flatMap((slot) => describedId(slot, 'bridged') ?? []);
    // While a command is under way, the group may be on its way too.
    for (const { verb, answer } of seen.calls()) {
      const domains = seen.world.before(answer).domains('iommu');
      const attached = group.flatMap((id) => {
        const domain = domains.knows(id) ? domains.domainOf(id) : undefined;
        return domain === undefined ? [] : [{ id, domain }];
      });
      if (attached.length < 2) continue;
      seen.check(
        'iommu/driver/attach/group-non-isolated',
        new Set(attached.map(({ domain }) => domain)).size === 1,
        answer,
        `After '${verb}', endpoints on one conventional PCI bus are in different domains: ${attached.map(({ id, domain }) => `${hex(id)} in ${domain}`).join(', ')}.`,
      );
    }
  },

  mustCatch: {
    'conventional-bus-split': 'iommu/driver/attach/group-non-isolated',
    'group-left-behind': 'iommu/driver/attach/group-non-isolated',
    'rng-physical-addresses': 'platform/map/reachable-when-exposed',
  },
});
