/**
 * EXPERIMENTAL: no version of the specification has this. In November 2019 it was proposed ("RFC virtio 12/13") that a
 * virtio-iommu describe its endpoints in its own configuration, for platforms with neither ACPI nor device tree. VIOT came
 * instead, and the feature bit, 6, now means BYPASS_CONFIG. A device has this in topologies of the form `built-in-2019` only.
 */
import type { RegisterPlace } from '../transport/register-file.ts';
import { layout, le16, le32, le64, reserved } from '../wire/layout.ts';
import type { MapTuple } from '../topology/iommu-map.ts';

/** VIRTIO_IOMMU_F_TOPOLOGY */
export const TOPOLOGY_FEATURE = 1n << 6n;

/** Where topo_offset lies: right behind probe_size. */
export const TOPO_OFFSET_AT = 36;

/** In place of `bypass`. */
export const TOPO_OFFSET_FIELD: RegisterPlace = { offset: TOPO_OFFSET_AT, width: 2, name: 'topo_offset' };

/** The first structure; 8 bytes aligned, which the proposal does not ask for. */
const FIRST_AT = 40;

const TYPE_PCI_RANGE = 0;
const TYPE_ENDPOINT = 1;

const TopoConfig = layout('virtio_iommu_config, the end', { topo_offset: le16, reserved: reserved(2) });

const PciRange = layout('virtio_iommu_topo_pci_range', {
  type: le16,
  next: le16,
  endpoint_start: le32,
  hierarchy: le16,
  requester_start: le16,
  requester_end: le16,
  reserved: reserved(2),
});

const Endpoint = layout('virtio_iommu_topo_endpoint', {
  type: le16,
  next: le16,
  endpoint: le32,
  address: le64,
});

/** Both kinds of structure have this length. */
const STRUCTURE_BYTES = 16;

/** Who is behind the IOMMU. */
export interface SelfDescription {
  readonly ranges: readonly MapTuple[];
  /** Endpoints that are no PCI functions, by the addresses of their windows. */
  readonly windows: readonly { readonly id: number; readonly address: number }[];
}

/** The configuration from `topo_offset` to the end of the list. `next` is an offset in the configuration, 0 in the last. */
export function describingTail({ ranges, windows }: SelfDescription): Uint8Array {
  const last = ranges.length + windows.length - 1;
  const next = (index: number): number => (index === last ? 0 : FIRST_AT + STRUCTURE_BYTES * (index + 1));
  const structures = [
    ...ranges.map(({ ridBase, iommuBase, length }, index) =>
      PciRange.encode({
        type: TYPE_PCI_RANGE,
        next: next(index),
        endpoint_start: iommuBase,
        hierarchy: 0,
        requester_start: ridBase,
        requester_end: ridBase + length - 1,
      }),
    ),
    ...windows.map(({ id, address }, index) =>
      Endpoint.encode({
        type: TYPE_ENDPOINT,
        next: next(ranges.length + index),
        endpoint: id,
        address: BigInt(address),
      }),
    ),
  ];
  const tail = new Uint8Array(FIRST_AT - TOPO_OFFSET_AT + STRUCTURE_BYTES * structures.length);
  tail.set(TopoConfig.encode({ topo_offset: structures.length === 0 ? 0 : FIRST_AT }));
  for (const [index, bytes] of structures.entries())
    tail.set(bytes, FIRST_AT - TOPO_OFFSET_AT + STRUCTURE_BYTES * index);
  return tail;
}
