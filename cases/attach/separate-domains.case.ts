import { defineCase, endpointId } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'attach/separate-domains',
  title:
    'Endpoints that were put into different domains have different domain numbers, and do not see each other’s mappings',
  demands:
    'A domain number names one address space. A driver that gives two domains one number lets each endpoint reach what was mapped ' +
    'for the other.',
  requirements: [
    'platform/map/exactly-as-asked',
    'platform/isolation/endpoint-confined',
    'iommu/prose/one-domain-per-endpoint',
  ],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'two-domains': ['d1', 'd2'], 'one-domain': ['d1', 'd1'] } as const,

  given: () => ({ endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }, [first, second]) {
    await driver.start();
    await driver.attach({ endpoint: 'dma', domain: first });
    await driver.attach({ endpoint: 'dma2', domain: second });
    await driver.map({ domain: first, iova: IOVA, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'own' });
    await machine.dma({ endpoint: 'dma2', address: IOVA, access: 'read', label: 'other' });
  },

  then(seen, [first, second]) {
    for (const own of seen.dma('own')) {
      const says = 'DMA faults in the domain in which its address was mapped.';
      seen.check('platform/map/exactly-as-asked', seen.world.reached(own), own, says);
    }
    for (const other of seen.dma('other')) {
      if (first === second) {
        const says = 'DMA of the second endpoint of the domain to a mapped address faults.';
        seen.check('platform/map/exactly-as-asked', seen.world.reached(other), other, says);
        continue;
      }
      const domains = seen.world.before(other).domains('iommu');
      const [one, two] = [domains.domainOf(endpointId('dma')), domains.domainOf(endpointId('dma2'))];
      seen.check(
        'iommu/prose/one-domain-per-endpoint',
        one === undefined || two === undefined ? undefined : one !== two,
        other,
        `Two domains were asked for, and both endpoints are attached to domain ${one}.`,
      );
      seen.check(
        'platform/isolation/endpoint-confined',
        seen.world.blocked(other),
        other,
        'DMA of an endpoint in another domain goes through to an address that was mapped in this one only; a fault was expected.',
      );
    }
  },

  mustCatch: {
    'domain-one-for-all': 'iommu/prose/one-domain-per-endpoint',
    'map-never-sent': 'platform/map/exactly-as-asked',
  },
});
