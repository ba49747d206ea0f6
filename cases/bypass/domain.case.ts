import { defineCase, endpointId, type FeatureName, type RequestName } from '../api/index.ts';

const IOVA = 0x10_0000n;

const WITHOUT_BYPASS_CONFIG = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_PROBE',
] as const satisfies readonly FeatureName[];

interface Row {
  readonly bypass: boolean;
  readonly features?: readonly FeatureName[];
}

export default defineCase({
  id: 'bypass/domain',
  title: 'A bypass domain is attached with the BYPASS flag by every endpoint, and is neither mapped nor unmapped',
  demands:
    'The flag BYPASS of ATTACH makes a domain in which addresses go through unchanged. Every further endpoint of that domain ' +
    'is attached with the flag too; MAP and UNMAP make no sense there and should not be sent. Where BYPASS_CONFIG is not offered ' +
    'the flag does not exist.',
  requirements: [
    'iommu/driver/attach/bypass-flag-on-bypass-domain',
    'iommu/driver/attach/no-bypass-flag-on-paging-domain',
    'iommu/driver/map/no-map-on-bypass-domain',
    'iommu/driver/unmap/no-unmap-on-bypass-domain',
    'iommu/prose/bypass-flag-needs-feature',
    'platform/contract/done-as-asked',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'bypass-domain': { bypass: true },
    'paging-domain': { bypass: false },
    'feature-not-offered': { bypass: true, features: WITHOUT_BYPASS_CONFIG },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ features }: Row) => ({ endpoints: { dma: {}, dma2: {} }, ...(features && { features }) }),

  async when({ driver, machine }, { bypass, features }: Row) {
    await driver.start();
    if (features) await driver.attach({ endpoint: 'dma2', domain: 'd2' });
    await driver.attach({ endpoint: 'dma', domain: 'd1', bypass });
    await driver.attach({ endpoint: 'dma2', domain: 'd1', bypass });
    await driver.try.map({ domain: 'd1', iova: IOVA, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'in the domain' });
    await driver.try.unmap({ domain: 'd1', iova: IOVA, length: 0x1000 });
  },

  then(seen, { bypass }) {
    for (const access of bypass ? seen.dma('in the domain') : []) {
      const domains = seen.world.before(access).domains('iommu');
      const domain = domains.around(endpointId('dma'));
      const { mappings = [] } = domain ?? {};
      const isIdentity =
        mappings.length > 0 && mappings.every(({ virt_start, phys_start }) => virt_start === phys_start);
      seen.check(
        'platform/contract/done-as-asked',
        domain && (domain.bypass || isIdentity),
        access,
        'The driver was asked to attach the endpoint to a domain that does not translate, and has attached it to one that does.',
      );
      if (domain?.bypass !== true) continue;
      const isSent = (verb: 'map' | 'unmap', name: RequestName): boolean =>
        seen.calls(verb).some((call) => call.requests(name).length > 0);
      if (!isSent('map', 'MAP')) seen.held('iommu/driver/map/no-map-on-bypass-domain', access);
      if (!isSent('unmap', 'UNMAP')) seen.held('iommu/driver/unmap/no-unmap-on-bypass-domain', access);
    }
  },

  mustCatch: {
    'bypass-flag-dropped-on-join': 'iommu/driver/attach/bypass-flag-on-bypass-domain',
    'bypass-flag-added-on-join': 'iommu/driver/attach/no-bypass-flag-on-paging-domain',
    'map-on-bypass-domain': 'iommu/driver/map/no-map-on-bypass-domain',
    'unmap-on-bypass-domain': 'iommu/driver/unmap/no-unmap-on-bypass-domain',
    'bypass-flag-forgotten': 'platform/contract/done-as-asked',
    'attach-bypass-flag-without-feature': 'iommu/prose/bypass-flag-needs-feature',
  },
});
