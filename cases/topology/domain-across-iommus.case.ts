import { defineCase, hex } from '../api/index.ts';

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
    await driver.start();
    const map = () => driver.map({ iova: IOVA, length: 0x2000, access: 'read-write' });
    await driver.attach({ endpoint: 'dma' });
    if (mapped === 'between') await map();
    const joined = await driver.try.attach({ endpoint: 'dma2' });
    if (!joined.ok) return;
    if (mapped === 'after') await map();
    for (const endpoint of ENDPOINTS) {
      await machine.dma({ endpoint, address: IOVA + 0x1000n, access: 'write', label: 'mapped' });
    }
    await driver.unmap({ iova: IOVA, length: 0x2000 });
    for (const endpoint of ENDPOINTS) {
      await machine.dma({ endpoint, address: IOVA + 0x1000n, access: 'write', label: 'unmapped' });
    }
  },

  then(seen) {
    if (seen.calls('attach')[1]?.ok === false) {
      seen.notApplicable('The driver does not let endpoints behind two IOMMUs share a domain.');
    }
    for (const access of seen.dma('mapped')) {
      const says = `${access.endpoint} is in the domain, and its access at ${hex(access.address)}, which is mapped there, ends with ${access.outcome}.`;
      seen.check('platform/iommus/domain-at-each', seen.world.reached(access), access, says);
    }
    for (const access of seen.dma('unmapped')) {
      const says = `${access.endpoint} still gets through at ${hex(access.address)} after it was unmapped in its domain.`;
      seen.check('platform/free/unmapped-when-freed', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: {
    'maps-at-first-iommu-only': 'platform/iommus/domain-at-each',
    'unmaps-at-first-iommu-only': 'platform/free/unmapped-when-freed',
    'mappings-believed-after-detach': 'platform/iommus/domain-at-each',
  },
});
