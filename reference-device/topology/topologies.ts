/** Every platform description that a machine can have, as the facts behind its table or tree. */
import {
  ENDPOINT_ID_OFFSET,
  IOMMU_BDF,
  isPciSlot,
  PLATFORM_ENDPOINT_ID,
  SLOTS,
  type SlotName,
  type TopologyName,
  type TransportName,
} from '../machine/setup.ts';
import { type IommuMap, mappedId } from './iommu-map.ts';

/** The form in which a driver is told. */
export type DescriptionForm = 'viot' | 'device-tree';

export interface Topology {
  readonly form: DescriptionForm;
  /** Where the IOMMU is. */
  readonly transport: TransportName;
  /** IDs of the PCI functions behind the IOMMU. */
  readonly map: IommuMap;
  /** ID of the endpoint in the window `platform`; undefined if the description leaves it out. */
  readonly platformId: number | undefined;
}

/** Functions of one PCI device. */
const FUNCTIONS = 8;

const devices = (from: number, until: number, iommuBase = from + ENDPOINT_ID_OFFSET): IommuMap['tuples'][number] => ({
  ridBase: from,
  iommuBase,
  length: until - from,
});

/** The slots before and after the gap; neighbours share a range. */
const BEFORE_GAP = devices(SLOTS.rng.bdf, SLOTS.gap.bdf);
const AFTER_GAP = devices(SLOTS.rng2.bdf, SLOTS.dma2.bdf + FUNCTIONS);

const PLAIN_MAP: IommuMap = { tuples: [BEFORE_GAP, AFTER_GAP] };

/** Everything but the IOMMU itself and the gap, as a firmware writes it that knows of no other devices. */
const HOLES_MAP: IommuMap = {
  tuples: [
    devices(0, IOMMU_BDF),
    devices(IOMMU_BDF + FUNCTIONS, SLOTS.gap.bdf),
    devices(SLOTS.gap.bdf + FUNCTIONS, 0x1_0000),
  ],
};

/** Without the bit that tells dma2 from rng; of the other slots, dma alone is left in the map. */
const MASKED_MAP: IommuMap = {
  mask: 0xffdf,
  tuples: [devices(SLOTS.dma.bdf & 0xffdf, (SLOTS.dma.bdf & 0xffdf) + FUNCTIONS), devices(SLOTS.rng.bdf, 0x20)],
};

/** IDs go down where BDFs go up, and some have more than 16 bits. */
const OFFSET_MAP: IommuMap = {
  tuples: [
    devices(SLOTS.rng.bdf, SLOTS.rng.bdf + FUNCTIONS, 0x7_0000),
    devices(SLOTS.dma.bdf, SLOTS.dma.bdf + FUNCTIONS, 0x6_ff00),
    devices(SLOTS.rng2.bdf, SLOTS.rng2.bdf + FUNCTIONS, SLOTS.gap.bdf),
    devices(SLOTS.dma2.bdf, SLOTS.dma2.bdf + FUNCTIONS, 0x8000_0000),
  ],
};

export const TOPOLOGIES: Readonly<Record<TopologyName, Topology>> = {
  plain: { form: 'viot', transport: 'pci', map: PLAIN_MAP, platformId: undefined },
  'iommu-behind-itself': {
    form: 'viot',
    transport: 'pci',
    map: { tuples: [devices(IOMMU_BDF, SLOTS.gap.bdf), AFTER_GAP] },
    platformId: undefined,
  },
  'all-node-types': { form: 'viot', transport: 'pci', map: PLAIN_MAP, platformId: undefined },
  mmio: { form: 'viot', transport: 'mmio', map: PLAIN_MAP, platformId: PLATFORM_ENDPOINT_ID },
  'device-tree': { form: 'device-tree', transport: 'pci', map: HOLES_MAP, platformId: PLATFORM_ENDPOINT_ID },
  'device-tree-mmio': { form: 'device-tree', transport: 'mmio', map: PLAIN_MAP, platformId: PLATFORM_ENDPOINT_ID },
  'offset-ids': { form: 'device-tree', transport: 'pci', map: OFFSET_MAP, platformId: PLATFORM_ENDPOINT_ID },
  masked: { form: 'device-tree', transport: 'pci', map: MASKED_MAP, platformId: undefined },
};

/** The ID that `topology` gives the endpoint in `slot`; undefined if it leaves the endpoint out. */
export function describedId(slot: SlotName, topology: TopologyName): number | undefined {
  const { map, platformId } = TOPOLOGIES[topology];
  return isPciSlot(slot) ? mappedId(map, SLOTS[slot].bdf) : platformId;
}
