import type { DeviceFault } from '../../reference-device/device-faults.ts';
import type { EndpointSetup, MachineSetup, SlotName } from '../../reference-device/machine/setup.ts';
import { TOPOLOGIES } from '../../reference-device/topology/topologies.ts';
import type { Given } from './vocabulary.ts';

/** x86's interrupt window, reported as an MSI region as every x86 device model does. */
const MSI_WINDOW = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };

const DEFAULT_ENDPOINT: Omit<EndpointSetup, 'slot'> = {
  features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM', 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'],
  resvMem: [MSI_WINDOW],
  insistsOnAccessPlatform: false,
};

/** The machine that a case's `given` describes, with every gap filled. */
export function machineOf(given: Given): MachineSetup {
  const endpoints: { readonly [S in SlotName]?: Partial<Omit<EndpointSetup, 'slot'>> } = given.endpoints ?? {
    rng: {},
    dma: {},
  };
  const topology = given.topology ?? 'plain';
  return {
    iommu: {
      transport: TOPOLOGIES[topology].transport,
      features: given.features ?? [
        'VIRTIO_F_VERSION_1',
        'VIRTIO_F_EVENT_IDX',
        'VIRTIO_F_INDIRECT_DESC',
        'VIRTIO_IOMMU_F_INPUT_RANGE',
        'VIRTIO_IOMMU_F_DOMAIN_RANGE',
        'VIRTIO_IOMMU_F_MAP_UNMAP',
        'VIRTIO_IOMMU_F_PROBE',
        'VIRTIO_IOMMU_F_MMIO',
        'VIRTIO_IOMMU_F_BYPASS_CONFIG',
      ],
      foreignFeatureBits: given.foreignFeatureBits ?? [],
      config: {
        page_size_mask: 0xffff_ffff_ffff_f000n,
        input_range: { start: 0n, end: 0xffff_ffff_ffffn },
        domain_range: { start: 1, end: 0xffff },
        probe_size: 512,
        bypass: 0,
        ...given.config,
      },
      queueSizes: given.queueSizes ?? [256, 64],
    },
    endpoints: (Object.entries(endpoints) as [SlotName, Partial<Omit<EndpointSetup, 'slot'>>][]).map(
      ([slot, special]) => ({
        ...DEFAULT_ENDPOINT,
        ...special,
        slot,
      }),
    ),
    topology,
    faults: (given.faults ?? []).map((fault): DeviceFault => (typeof fault === 'string' ? { name: fault } : fault)),
  };
}
