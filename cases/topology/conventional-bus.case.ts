import { defineCase, describedId, type RequestFields } from '../api/index.ts';

const SLOT_NAMES = ['rng2', 'dma2'] as const;

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Where a request puts its endpoint, if the device carries it out. */
function moved(domains: Map<number, number>, name: string, { endpoint, domain }: RequestFields): void {
  if (endpoint === undefined || domain === undefined) return;
  if (name === 'ATTACH') domains.set(endpoint, domain);
  else if (name === 'DETACH') domains.delete(endpoint);
}

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
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.io({ endpoint: 'rng2' });
    if (!moves) return;
    // A driver may refuse as long as the other function is in use.
    const attached = await driver.try.attach({ endpoint: 'dma2' });
    if (attached.ok) await driver.try.detach({ endpoint: 'dma2' });
  },

  then(seen) {
    const group = SLOT_NAMES.flatMap((slot) => describedId(slot, 'bridged') ?? []);
    const domains = new Map<number, number>();
    for (const event of seen.events) {
      if (event.kind === 'reset' && event.device === 'iommu') domains.clear();
      if (event.kind === 'request' && seen.answerTo(event)?.status === 0)
        moved(domains, event.name ?? '', event.fields);
      // While a command is under way, the group may be on its way too.
      if (event.kind !== 'answer') continue;
      const attached = group.flatMap((id) => {
        const domain = domains.get(id);
        return domain === undefined ? [] : [{ id, domain }];
      });
      if (attached.length < 2) continue;
      seen.check(
        'iommu/driver/attach/group-non-isolated',
        new Set(attached.map(({ domain }) => domain)).size === 1,
        event,
        `After ${event.verb}, endpoints on one conventional PCI bus are in different domains: ${attached.map(({ id, domain }) => `${hex(id)} in ${domain}`).join(', ')}.`,
      );
    }
    for (const address of seen.of('exposed')) {
      seen.check(
        'platform/map/reachable-when-exposed',
        address.reachable,
        address,
        `The driver of ${address.endpoint} uses 0x${address.address.toString(16)}, which is not mapped for it.`,
      );
    }
  },

  mustCatch: {
    'conventional-bus-split': 'iommu/driver/attach/group-non-isolated',
    'group-left-behind': 'iommu/driver/attach/group-non-isolated',
    'rng-physical-addresses': 'platform/map/reachable-when-exposed',
  },
});
