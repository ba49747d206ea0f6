import { defineCase, judgeUnmapped } from '../api/index.ts';

const IOVA = 0x10_0000n;
const ENDPOINTS = ['dma', 'dma2'] as const;

export default defineCase({
  id: 'topology/domain-across-iommus',
  title: 'What is mapped in a domain with endpoints behind two IOMMUs is mapped, and unmapped, at both',
  demands:
    'An IOMMU knows its own domains only. A driver that lets endpoints of two IOMMUs share an address space has to keep one domain ' +
    'at each: it maps twice, maps again what was there before when an endpoint comes in at the other, and unmaps twice. It may ' +
    'refuse to share instead.',
  requirements: ['platform/iommus/domain-at-each', 'platform/free/unmapped-when-freed'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: { 'mapped-after': 'after', 'mapped-between': 'between' },

  given: () => ({ topology: 'two-iommus', endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }, mapped) {
    const started = await driver.try.start();
    if (!started.ok) return;
    const map = () => driver.try.map({ iova: IOVA, length: 0x2000, access: 'read-write' });
    const attached = await driver.try.attach({ endpoint: 'dma' });
    if (!attached.ok) return;
    if (mapped === 'between') await map();
    const joined = await driver.try.attach({ endpoint: 'dma2' });
    if (!joined.ok) return;
    if (mapped === 'after') await map();
    for (const endpoint of ENDPOINTS) {
      await machine.dma({ endpoint, address: IOVA + 0x1000n, access: 'write', label: 'mapped' });
    }
    const unmapped = await driver.try.unmap({ iova: IOVA, length: 0x2000 });
    if (!unmapped.ok) return;
    for (const endpoint of ENDPOINTS) {
      await machine.dma({ endpoint, address: IOVA + 0x1000n, access: 'write', label: 'unmapped' });
    }
  },

  then(seen) {
    const attaches = seen.answers.filter(({ verb }) => verb === 'attach');
    if (attaches.length === ENDPOINTS.length && attaches[1]?.outcome !== 'ok') {
      seen.notApplicable('The driver does not let endpoints behind two IOMMUs share a domain.');
      return;
    }
    if (seen.answers.some(({ verb, outcome }) => verb === 'map' && outcome !== 'ok')) return;
    for (const access of seen.dma('mapped')) {
      seen.check(
        'platform/iommus/domain-at-each',
        access.outcome === 'ok',
        access,
        `${access.endpoint} is in the domain, and its access at 0x${access.address.toString(16)}, which is mapped there, ends with ${access.outcome}.`,
      );
    }
    judgeUnmapped(
      seen,
      'platform/free/unmapped-when-freed',
      seen.dma('unmapped'),
      ({ endpoint, address }) =>
        `${endpoint} still gets through at 0x${address.toString(16)} after it was unmapped in its domain.`,
    );
  },

  mustCatch: {
    'maps-at-first-iommu-only': 'platform/iommus/domain-at-each',
    'unmaps-at-first-iommu-only': 'platform/free/unmapped-when-freed',
    'mappings-believed-after-detach': 'platform/iommus/domain-at-each',
  },
});
