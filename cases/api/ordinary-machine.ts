import type { EndpointSetup, IommuSetup, MachineSetup, TopologyName } from '../../reference-device/machine-setup.ts';
import { DEFAULT_FEATURES } from './default-machine.ts';

/** One IOMMU and a flat bus, in every form of description. */
const TOPOLOGIES: readonly TopologyName[] = ['plain', 'mmio', 'device-tree', 'device-tree-mmio'];

/** Entries of a queue, and domains, that are enough for any driver. */
const ENOUGH = 16;
/** Every processor has pages of that size. */
const PAGE = 0x1000n;
/** Addresses that any driver can make use of; both ends belong to them. */
const ADDRESSES = { start: 0x10_0000n, end: 0x1fff_ffffn } as const;
/** Regions of more bytes than this could leave an allocator without room. */
const REGIONS_MOST = 0x100_0000n;

/**
 * Whether the machine gives no driver a reason to refuse anything: its device does nothing unusual, has all that a driver could
 * need, and leaves it room. What it offers beyond that, and how long its configuration is, is nobody's business.
 */
export const isOrdinary = (setup: MachineSetup): boolean =>
  hasOrdinaryDevices(setup) && (setup.oddities ?? []).length === 0 && TOPOLOGIES.includes(setup.topology);

/** The same of its devices, whatever the platform is like and however it is described. */
export const hasOrdinaryDevices = ({ iommu, moreIommus = {}, endpoints, faults }: MachineSetup): boolean =>
  faults.length === 0 &&
  [iommu, ...Object.values(moreIommus)].every(isOrdinaryIommu) &&
  endpoints.every(isOrdinaryEndpoint);

function isOrdinaryIommu({ features, config, queueSizes, vectors = ENOUGH }: IommuSetup): boolean {
  const { page_size_mask: mask, input_range: input, domain_range: domains } = config;
  return (
    DEFAULT_FEATURES.every((feature) => features.includes(feature)) &&
    queueSizes.every((size) => size >= ENOUGH) &&
    vectors > queueSizes.length &&
    (mask & -mask) === PAGE &&
    input.start <= ADDRESSES.start &&
    input.end >= ADDRESSES.end &&
    domains.end - domains.start >= ENOUGH
  );
}

const isOrdinaryEndpoint = ({ resvMem, otherProperties = [], vectors = ENOUGH }: EndpointSetup): boolean =>
  vectors > 1 &&
  otherProperties.length === 0 &&
  resvMem.reduce((sum, { start, end }) => sum + end - start, 0n) < REGIONS_MOST;
