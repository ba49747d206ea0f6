/**
 * The ACPI Virtual I/O Translation Table: which functions sit behind which virtio-iommu.
 * Structures as in ACPICA's definitions. What Linux (drivers/acpi/viot.c) makes of such a table:
 * nodes may stand in any order, since output nodes are looked up by their offset; a node of unknown type is skipped with a
 * warning, and so is an endpoint node whose IOMMU cannot be found; only a node that is shorter than its structure or
 * leaves the table ends the parsing; the IOMMU's own function stays untranslated even if a range covers it.
 */
import { IOMMU_FUNCTIONS, isIommuFunction, type TopologyName, WINDOWS } from '../machine-setup.ts';
import { ascii, layout, le16, le32, le64, reserved, u8 } from '../wire/layout.ts';
import type { MapTuple } from './iommu-map.ts';
import { type DescribedIommu, type IommuPlace, TOPOLOGIES } from './topologies.ts';

const NODE_PCI_RANGE = 1;
const NODE_MMIO_ENDPOINT = 2;
const NODE_VIRTIO_IOMMU_PCI = 3;
const NODE_VIRTIO_IOMMU_MMIO = 4;
/** A type that nobody has defined. */
const NODE_UNKNOWN = 0x7f;

const TableHeader = layout('acpi_table_viot', {
  signature: ascii(4),
  length: le32,
  revision: u8,
  checksum: u8,
  oem_id: ascii(6),
  oem_table_id: ascii(8),
  oem_revision: le32,
  creator_id: ascii(4),
  creator_revision: le32,
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
/** An endpoint ID beside those of the PCI functions. */
const MMIO_ENDPOINT_ID = 0x2_0000;

const iommuNode = (place: IommuPlace): Uint8Array =>
  isIommuFunction(place)
    ? VirtioIommuPci.encode({
        type: NODE_VIRTIO_IOMMU_PCI,
        length: VirtioIommuPci.size,
        segment: 0,
        bdf: IOMMU_FUNCTIONS[place].bdf,
      })
    : VirtioIommuMmio.encode({
        type: NODE_VIRTIO_IOMMU_MMIO,
        length: VirtioIommuMmio.size,
        base_address: BigInt(WINDOWS[place].address),
      });

const pciRange = ({ ridBase, iommuBase, length }: MapTuple, outputNode: number): Uint8Array =>
  PciRange.encode({
    type: NODE_PCI_RANGE,
    length: PciRange.size,
    endpoint_start: iommuBase,
    bdf_start: ridBase,
    bdf_end: ridBase + length - 1,
    output_node: outputNode,
  });

const platformEndpoint = (endpoint: number, outputNode: number): Uint8Array =>
  MmioEndpoint.encode({
    type: NODE_MMIO_ENDPOINT,
    length: MmioEndpoint.size,
    endpoint,
    base_address: BigInt(WINDOWS.platform.address),
    output_node: outputNode,
  });

const endpointNodes = ({ map, platformId }: DescribedIommu, outputNode: number): Uint8Array[] => [
  ...map.tuples.map((tuple) => pciRange(tuple, outputNode)),
  ...(platformId === undefined ? [] : [platformEndpoint(platformId, outputNode)]),
];

/** The IOMMUs first, in their order; then the endpoints of each, which point to it by its offset. */
function describingNodes(topology: TopologyName): Uint8Array[] {
  const { iommus } = TOPOLOGIES[topology];
  const first = iommus.map(({ place }) => iommuNode(place));
  const offsets = first.map((_, index) => TableHeader.size + sizeOf(first.slice(0, index)));
  return [...first, ...iommus.flatMap((iommu, index) => endpointNodes(iommu, offsets[index]!))];
}

/** The strange nodes stand before the last range, so that a driver which stops at one of them loses endpoints. */
function withStrangers(nodes: readonly Uint8Array[]): Uint8Array[] {
  const before = nodes.slice(0, -1);
  const unknown = new Uint8Array(16);
  unknown.set([NODE_UNKNOWN, 0, unknown.byteLength, 0]);
  const offsetBehindStrangers = sizeOf(before) + TableHeader.size + MmioEndpoint.size + unknown.byteLength;
  const endpoint = MmioEndpoint.encode({
    type: NODE_MMIO_ENDPOINT,
    length: MmioEndpoint.size,
    endpoint: MMIO_ENDPOINT_ID,
    base_address: NOWHERE_ELSE,
    output_node: offsetBehindStrangers,
  });
  const mmioIommu = VirtioIommuMmio.encode({
    type: NODE_VIRTIO_IOMMU_MMIO,
    length: VirtioIommuMmio.size,
    base_address: NOWHERE,
  });
  return [...before, endpoint, unknown, mmioIommu, ...nodes.slice(-1)];
}

/**
 * The table that describes `topology` to a guest, ready for the firmware: its bytes sum up to 0 modulo 256.
 * No bytes at all for a topology that cannot be described so.
 */
export function viotTable(topology: TopologyName): Uint8Array {
  if (!TOPOLOGIES[topology].forms.includes('viot')) return new Uint8Array(0);
  const described = describingNodes(topology);
  const nodes = topology === 'all-node-types' ? withStrangers(described) : described;
  const table = new Uint8Array(TableHeader.size + sizeOf(nodes));
  table.set(
    TableHeader.encode({
      signature: 'VIOT',
      length: table.byteLength,
      revision: 0,
      oem_id: 'VIOMMU',
      oem_table_id: 'VIOMMUSP',
      oem_revision: 1,
      creator_id: 'VSPC',
      creator_revision: 1,
      node_count: nodes.length,
      node_offset: TableHeader.size,
    }),
  );
  let offset = TableHeader.size;
  for (const node of nodes) {
    table.set(node, offset);
    offset += node.byteLength;
  }
  const sum = table.reduce((total, byte) => total + byte, 0);
  TableHeader.over(table).checksum = -sum & 0xff;
  return table;
}

const sizeOf = (nodes: readonly Uint8Array[]): number => nodes.reduce((total, node) => total + node.byteLength, 0);
