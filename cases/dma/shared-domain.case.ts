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
    await driver.try.start();
    const attached = await driver.try.attach({ endpoint: 'dma', domain: 'd1' });
    const joined = await driver.try.attach({ endpoint: 'dma2', domain: second });
    const { ok } = await driver.try.map({ domain: 'd1', iova: IOVA, length: 0x1000, access: 'read-write' });
    if (!attached.ok || !joined.ok || !ok) return;
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'own' });
    await machine.dma({ endpoint: 'dma2', address: IOVA, access: 'read', label: 'other' });
  },

  then(seen, second) {
    for (const access of seen.dma('own')) {
      seen.check(
        'platform/map/exactly-as-asked',
        access.outcome === 'ok',
        access,
        'The endpoint cannot reach the buffer mapped for it.',
      );
    }
    for (const access of seen.dma('other')) {
      const reached = access.outcome !== 'fault';
      if (second === 'd1') {
        seen.check(
          'platform/map/exactly-as-asked',
          reached,
          access,
          'The second endpoint of the domain cannot reach its mapping.',
        );
      } else {
        seen.check(
          'platform/isolation/endpoint-confined',
          !reached,
          access,
          'An endpoint of another domain reached the buffer; nobody had mapped it there.',
        );
      }
    }
  },

  mustCatch: {
    'domain-one-for-all': 'platform/isolation/endpoint-confined',
    'map-wrong-domain': 'platform/map/exactly-as-asked',
  },
});
