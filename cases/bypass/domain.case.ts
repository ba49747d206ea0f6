import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'bypass/domain',
  title: 'A bypass domain is attached with the BYPASS flag by every endpoint, and is neither mapped nor unmapped',
  demands:
    'The flag BYPASS of ATTACH makes a domain in which addresses go through unchanged. Every further endpoint of that domain ' +
    'is attached with the flag too; MAP and UNMAP make no sense there and should not be sent.',
  requirements: [
    'iommu/driver/attach/bypass-flag-on-bypass-domain',
    'iommu/driver/attach/no-bypass-flag-on-paging-domain',
    'iommu/driver/map/no-map-on-bypass-domain',
    'iommu/driver/unmap/no-unmap-on-bypass-domain',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'], optionalVerbs: ['bypass'] },

  vary: { 'bypass-domain': true, 'paging-domain': false },

  given: () => ({ endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }, bypass) {
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma', domain: 'd1', bypass });
    await driver.try.attach({ endpoint: 'dma2', domain: 'd1', bypass });
    await driver.try.map({ domain: 'd1', iova: 0x10_0000n, length: 4096, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: 0x10_0000n, access: 'read', label: 'in the domain' });
    await driver.try.unmap({ domain: 'd1', iova: 0x10_0000n, length: 4096 });
  },

  then(seen, bypass) {
    const asked = seen.of('verb').find(({ verb }) => verb === 'attach');
    if (!asked) return;
    const attaches = seen.named('ATTACH').filter(({ seq }) => seq > asked.seq);
    const domain = attaches[0]?.fields.domain;
    for (const attach of attaches.filter(({ fields }) => fields.domain === domain)) {
      const flag = ((attach.fields.flags ?? 0) & 1) === 1;
      const id = bypass
        ? 'iommu/driver/attach/bypass-flag-on-bypass-domain'
        : 'iommu/driver/attach/no-bypass-flag-on-paging-domain';
      const says = `ATTACH of endpoint ${attach.fields.endpoint} to domain ${domain} has the BYPASS flag ${flag ? 'set' : 'clear'}; the domain was made ${bypass ? 'with' : 'without'} it.`;
      seen.check(id, flag === bypass, attach, says);
    }
    if (!bypass || attaches.length === 0) return;
    for (const name of ['MAP', 'UNMAP'] as const) {
      const request = seen.named(name).find(({ seq, fields }) => seq > asked.seq && fields.domain === domain);
      const id =
        name === 'MAP' ? 'iommu/driver/map/no-map-on-bypass-domain' : 'iommu/driver/unmap/no-unmap-on-bypass-domain';
      seen.check(
        id,
        request === undefined,
        request,
        `${name} was sent for domain ${domain}, which is a bypass domain.`,
      );
    }
  },

  mustCatch: {
    'bypass-flag-dropped-on-join': 'iommu/driver/attach/bypass-flag-on-bypass-domain',
    'bypass-flag-added-on-join': 'iommu/driver/attach/no-bypass-flag-on-paging-domain',
    'map-on-bypass-domain': 'iommu/driver/map/no-map-on-bypass-domain',
    'unmap-on-bypass-domain': 'iommu/driver/unmap/no-unmap-on-bypass-domain',
    'bypass-flag-forgotten': 'iommu/driver/attach/bypass-flag-on-bypass-domain',
  },
});
