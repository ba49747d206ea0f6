/**
 * The ACPI Virtual I/O Translation Table: which functions sit behind which virtio-iommu.
 * Structures as in ACPICA's definitions. What Linux (drivers/acpi/viot.c) makes of such a table:
 * nodes may stand in any order, since output nodes are looked up by their offset; a node of unknown type is skipped with a
 * warning, and so is an endpoint node whose IOMMU cannot be found; only a node that is shorter than its structure or
 * leaves the table ends the parsing; the IOMMU's own function stays untranslated even if a range covers it.
 */
import { IOMMU_FUNCTIONS, isIommuFunction, WINDOWS, type Windows } from '../machine-setup.ts';
import { layout, le16, le32, le64, reserved, u8 } from '../wire/layout.ts';
import { ACPI_HEADER, withChecksum } from './acpi-header.ts';
import type { MapTuple } from './iommu-map.ts';
import type { DescriptionOddity } from './oddities.ts';
import { type Described, formsOf, type IommuPlace, TOPOLOGIES, windowIds } from './topologies.ts';

const NODE_PCI_RANGE = 1;
const NODE_MMIO_ENDPOINT = 2;
const NODE_VIRTIO_IOMMU_PCI = 3;
const NODE_VIRTIO_IOMMU_MMIO = 4;
/** A type that nobody has defined. */
const NODE_UNKNOWN = 0x7f;

const TableHeader = layout('acpi_table_viot', {
  ...ACPI_HEADER,
  node_count: le16,
  node_offset: le16,
  reserved: reserved(8),
});

const PciRange = layout('acpi_viot_pci_range', {
  type: u8,
  head_reserved: u8,
  length: le16,
  endpoint_start: le32,
  segment_start: le16,
  segment_end: le16,
  bdf_start: le16,
  bdf_end: le16,
  output_node: le16,
  reserved: reserved(6),
});

const MmioEndpoint = layout('acpi_viot_mmio', {
  type: u8,
  head_reserved: u8,
  length: le16,
  endpoint: le32,
  base_address: le64,
  output_node: le16,
  reserved: reserved(6),
});

const VirtioIommuPci = layout('acpi_viot_virtio_iommu_pci', {
  type: u8,
  head_reserved: u8,
  length: le16,
  segment: le16,
  bdf: le16,
  reserved: reserved(8),
});

const VirtioIommuMmio = layout('acpi_viot_virtio_iommu_mmio', {
  type: u8,
  head_reserved: u8,
  length: le16,
  reserved: reserved(4),
  base_address: le64,
});

/** Addresses high above all memory and all windows, where no device is. */
const NOWHERE = 0x000f_0000_0000_0000n;
const NOWHERE_ELSE = 0x000f_0000_0001_0000n;
/** Bytes between header and first node, where there are some. */
const GAP_BYTES = 24;
const GARBAGE = 0xa5;
/** An endpoint ID beside those of the PCI functions. */
const MMIO_ENDPOINT_ID = 0x2_0000;

/** How the table is written. */
interface Manner {
  readonly revision: number;
  /** Where the first node is. */
  readonly start: number;
  /** Bytes behind the structure of a node. */
  readonly surplus: number;
  /** What reserved bytes hold. */
  readonly spare: number;
  /** The last segment of every range. */
  readonly segmentEnd: number;
  readonly windows: Windows;
}

function mannerOf(oddities: readonly DescriptionOddity[], windows: Windows): Manner {
  const has = (name: DescriptionOddity): boolean => oddities.includes(name);
  return {
    revision: has('viot-revision-1') ? 1 : 0,
    start: TableHeader.size + (has('viot-first-node-further-back') ? GAP_BYTES : 0),
    surplus: has('viot-longer-nodes') ? 8 : 0,
    spare: has('viot-reserved-bytes-set') ? GARBAGE : 0,
    segmentEnd: has('viot-two-segments') ? 1 : 0,
    windows,
  };
}

/** A node with what is behind its structure. */
function node(structure: Uint8Array, { surplus }: Manner): Uint8Array {
  const whole = new Uint8Array(structure.length + surplus).fill(GARBAGE);
  whole.set(structure);
  return whole;
}

const iommuNode = (place: IommuPlace, manner: Manner): Uint8Array =>
  isIommuFunction(place)
    ? node(
        VirtioIommuPci.encode({
          type: NODE_VIRTIO_IOMMU_PCI,
          head_reserved: manner.spare,
          length: VirtioIommuPci.size + manner.surplus,
          segment: 0,
          bdf: IOMMU_FUNCTIONS[place].bdf,
          reserved: manner.spare,
        }),
        manner,
      )
    : mmioIommuNode(BigInt(manner.windows[place].address), manner);

const mmioIommuNode = (base_address: bigint, manner: Manner): Uint8Array =>
  node(
    VirtioIommuMmio.encode({
      type: NODE_VIRTIO_IOMMU_MMIO,
      head_reserved: manner.spare,
      length: VirtioIommuMmio.size + manner.surplus,
      reserved: manner.spare,
      base_address,
    }),
    manner,
  );

const pciRange = (
  { ridBase, iommuBase, length }: MapTuple,
  outputNode: number,
  manner: Manner,
  segments: readonly [number, number] = [0, manner.segmentEnd],
): Uint8Array =>
  node(
    PciRange.encode({
      type: NODE_PCI_RANGE,
      head_reserved: manner.spare,
      length: PciRange.size + manner.surplus,
      endpoint_start: iommuBase,
      segment_start: segments[0],
      segment_end: segments[1],
      bdf_start: ridBase,
      bdf_end: ridBase + length - 1,
      output_node: outputNode,
      reserved: manner.spare,
    }),
    manner,
  );

const mmioEndpoint = (endpoint: number, base_address: bigint, outputNode: number, manner: Manner): Uint8Array =>
  node(
    MmioEndpoint.encode({
      type: NODE_MMIO_ENDPOINT,
      head_reserved: manner.spare,
      length: MmioEndpoint.size + manner.surplus,
      endpoint,
      base_address,
      output_node: outputNode,
      reserved: manner.spare,
    }),
    manner,
  );

/** All of bus 0, in a segment in which no function is. */
const ELSEWHERE: MapTuple = { ridBase: 0, iommuBase: 0x4000, length: 0x100 };

/** The IOMMUs first, in their order; then the endpoints of each, which point to it by its offset. */
function describingNodes(described: Described, manner: Manner): Uint8Array[] {
  const { iommus } = TOPOLOGIES[described.topology];
  const { oddities = [] } = described;
  const first = iommus.map(({ place }) => iommuNode(place, manner));
  const offsets = first.map((_, index) => manner.start + sizeOf(first.slice(0, index)));
  const elsewhere = oddities.includes('viot-other-segment') ? [pciRange(ELSEWHERE, offsets[0]!, manner, [1, 1])] : [];
  const endpoints = iommus.flatMap((iommu, index) => [
    ...iommu.map.tuples.map((tuple) => pciRange(tuple, offsets[index]!, manner)),
    ...windowIds(iommu, described).map(([slot, id]) =>
      mmioEndpoint(id, BigInt(manner.windows[slot].address), offsets[index]!, manner),
    ),
  ]);
  return [...first, ...elsewhere, ...endpoints];
}

/** The strange nodes stand before the last range, so that a driver which stops at one of them loses endpoints. */
function withStrangers(nodes: readonly Uint8Array[], manner: Manner): Uint8Array[] {
  const before = nodes.slice(0, -1);
  const unknown = new Uint8Array(16);
  unknown.set([NODE_UNKNOWN, 0, unknown.byteLength, 0]);
  const endpointBytes = MmioEndpoint.size + manner.surplus;
  const offsetBehindStrangers = sizeOf(before) + manner.start + endpointBytes + unknown.byteLength;
  const endpoint = mmioEndpoint(MMIO_ENDPOINT_ID, NOWHERE_ELSE, offsetBehindStrangers, manner);
  return [...before, endpoint, unknown, mmioIommuNode(NOWHERE, manner), ...nodes.slice(-1)];
}

/**
 * The table that describes a machine to a guest, ready for the firmware: its bytes sum up to 0 modulo 256.
 * No bytes at all for a topology that cannot be described so.
 */
export function viotTable(machine: Described, windows: Windows = WINDOWS): Uint8Array {
  const { topology, oddities = [] } = machine;
  if (!formsOf(topology, oddities).includes('viot')) return new Uint8Array(0);
  const manner = mannerOf(oddities, windows);
  const described = describingNodes(machine, manner);
  const nodes = topology === 'all-node-types' ? withStrangers(described, manner) : described;
  const table = new Uint8Array(manner.start + sizeOf(nodes)).fill(GARBAGE);
  table.set(
    TableHeader.encode({
      signature: 'VIOT',
      length: table.byteLength,
      revision: manner.revision,
      oem_id: 'VIOMMU',
      oem_table_id: 'VIOMMUSP',
      oem_revision: 1,
      creator_id: 'VSPC',
      creator_revision: 1,
      node_count: nodes.length,
      node_offset: manner.start,
      reserved: manner.spare,
    }),
  );
  let offset = manner.start;
  for (const bytes of nodes) {
    table.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return withChecksum(table);
}

const sizeOf = (nodes: readonly Uint8Array[]): number => nodes.reduce((total, node) => total + node.byteLength, 0);
