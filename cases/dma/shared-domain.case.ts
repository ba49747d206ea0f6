import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'dma/shared-domain',
  title: 'A mapping serves every endpoint of its domain, and none of another domain',
  demands:
    'Mappings belong to domains. Two endpoints in one domain reach the same buffer; put into two domains, the one that nobody ' +
    'mapped for faults.',
  requirements: ['platform/map/exactly-as-asked', 'platform/isolation/endpoint-confined'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'one-domain': 'd1', 'two-domains': 'd2' },

  given: () => ({ endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }, second) {
    await driver.start();
    await driver.attach({ endpoint: 'dma', domain: 'd1' });
    await driver.attach({ endpoint: 'dma2', domain: second });
    await driver.map({ domain: 'd1', iova: IOVA, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'own' });
    await machine.dma({ endpoint: 'dma2', address: IOVA, access: 'read', label: 'other' });
  },

  then(seen, second) {
    const isShared = second === 'd1';
    for (const access of [...seen.dma('own'), ...(isShared ? seen.dma('other') : [])]) {
      const says = `DMA of ${access.endpoint} to an address that is mapped in its domain faults; it must go through.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
    for (const access of isShared ? [] : seen.dma('other')) {
      const says = 'DMA of an endpoint in another domain, where nothing is mapped, goes through; a fault was expected.';
      seen.check('platform/isolation/endpoint-confined', seen.world.blocked(access), access, says);
    }
  },

  mustCatch: {
    'domain-one-for-all': 'platform/isolation/endpoint-confined',
    'map-wrong-domain': 'platform/map/exactly-as-asked',
  },
});
