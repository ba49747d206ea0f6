import { describe, expect, it } from 'vitest';
import { machineOf, ringsWith } from './default-machine.ts';

const names = (machine: ReturnType<typeof machineOf>): string[] => machine.faults.map(({ name }) => name);

const maskFor = (verbs: readonly ('io' | 'map')[], config = {}): bigint =>
  machineOf({ config }, 'large-pages', { verbs }).iommu.config.page_size_mask;

describe('the machine of a case', () => {
  it('is like its profile where the case does not say', () => {
    const { iommu, endpoints, faults } = machineOf({}, 'crosvm');
    expect(iommu).toMatchObject({ queueSizes: [256, 256], config: { probe_size: 24 } });
    expect(iommu.features).not.toContain('VIRTIO_IOMMU_F_BYPASS_CONFIG');
    expect(endpoints[0]?.resvMem).toHaveLength(1);
    expect(faults).toContainEqual({ name: 'withhold-completion', request: 'UNMAP' });
  });

  it('is as the case says where it does', () => {
    const { iommu } = machineOf({ config: { probe_size: 40 }, queueSizes: [8, 8] }, 'qemu');
    expect(iommu).toMatchObject({ queueSizes: [8, 8], config: { probe_size: 40, bypass: 1 } });
    expect(machineOf({ features: ['VIRTIO_F_VERSION_1'] }, 'qemu').iommu.features).toEqual(['VIRTIO_F_VERSION_1']);
  });

  it('offers more and less than its profile where the case says so', () => {
    const { features } = machineOf(
      { offers: ['VIRTIO_F_RING_RESET'], withholds: ['VIRTIO_IOMMU_F_PROBE'] },
      'crosvm',
    ).iommu;
    expect(features).toEqual([
      'VIRTIO_F_VERSION_1',
      'VIRTIO_IOMMU_F_INPUT_RANGE',
      'VIRTIO_IOMMU_F_MAP_UNMAP',
      'VIRTIO_IOMMU_F_MMIO',
      'VIRTIO_F_RING_RESET',
    ]);
  });

  it('has the rings that the case is about, whatever its profile', () => {
    const { features } = machineOf(ringsWith(['VIRTIO_F_EVENT_IDX']), 'packed').iommu;
    expect(features).toContain('VIRTIO_F_EVENT_IDX');
    expect(features).toContain('VIRTIO_IOMMU_F_BYPASS_CONFIG');
    expect(features).not.toContain('VIRTIO_F_RING_PACKED');
    expect(features).not.toContain('VIRTIO_F_INDIRECT_DESC');
  });

  it('has the feature by which a field that the case chose is in force', () => {
    const { features } = machineOf({ config: { domain_range: { start: 7, end: 8 } } }, 'crosvm').iommu;
    expect(features).toContain('VIRTIO_IOMMU_F_DOMAIN_RANGE');
  });

  it("has room for a case's own property list", () => {
    expect(machineOf({ endpoints: { dma: { resvMem: [] } } }, 'crosvm').iommu.config.probe_size).toBe(512);
    expect(machineOf({ faults: ['probe-unknown-property'] }, 'crosvm').iommu.config.probe_size).toBe(512);
    const own = { config: { probe_size: 100 }, faults: ['probe-unknown-property'] } as const;
    expect(machineOf(own, 'crosvm').iommu.config.probe_size).toBe(100);
  });

  it("lets the case's own switches come first", () => {
    const own = { name: 'withhold-completion', request: 'MAP' } as const;
    const machine = machineOf({ faults: [own] }, 'crosvm');
    expect(machine.faults.filter(({ name }) => name === 'withhold-completion')).toEqual([own]);
    expect(machine.faults[0]).toEqual(own);
    expect(names(machine)).toContain('no-fault-reports');
  });

  it('hides no bypass from a case that says what bypass holds', () => {
    expect(names(machineOf({}, 'cloud-hypervisor'))).toContain('bypass-acts-until-written');
    expect(names(machineOf({ config: { bypass: 0 } }, 'cloud-hypervisor'))).not.toContain('bypass-acts-until-written');
  });

  it('has a granule above 4 KiB only where the case names no addresses', () => {
    expect(maskFor(['io'])).toBe(0x4020_0001_0000n);
    expect(maskFor(['map'])).toBe(0xffff_ffff_ffff_f000n);
    expect(maskFor(['map'], { page_size_mask: 0x20_0000n })).toBe(0x20_0000n);
  });
});

describe('the other IOMMUs of a topology', () => {
  it('are like the first but for their domains and their property lists, unless the case says more', () => {
    const { iommu, moreIommus } = machineOf({
      topology: 'three-iommus',
      config: { input_range: { start: 0n, end: 0xffffn } },
      moreIommus: { iommu3: { config: { probe_size: 4 } } },
    });
    expect(moreIommus?.iommu2?.features).toEqual(iommu.features);
    expect(moreIommus?.iommu2?.config).toMatchObject({
      input_range: { start: 0n, end: 0xffff_ffff_ffffn },
      domain_range: { start: 0x1_0000, end: 0x1_ffff },
      probe_size: 256,
    });
    expect(moreIommus?.iommu3?.config).toMatchObject({ domain_range: { start: 0x2_0000 }, probe_size: 4 });
    expect(machineOf({}).moreIommus).toEqual({});
  });
});
