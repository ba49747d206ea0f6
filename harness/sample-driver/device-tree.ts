/** What a device tree says of the IOMMU and its endpoints (bindings virtio/pci-iommu, virtio/mmio, pci/pci-iommu). */
import type { DriverFaults } from './driver-faults.ts';
import { cellsOf, readTree, stringsOf, type TreeNode } from './flattened-tree.ts';
import type { Topology } from './topology.ts';
import { windowIdWith } from './window-id.ts';

interface MapEntry {
  readonly ridBase: number;
  readonly phandle: number;
  readonly idBase: number;
  readonly length: number;
}

const RID_MASK = 0xffff;

const isCompatible = (node: TreeNode, ...names: readonly string[]): boolean =>
  stringsOf(node, 'compatible').some((name) => names.includes(name));

/** Reads the tree; nodes that make no sense are left out. One IOMMU is used: the first. */
export function readDeviceTree(blob: Uint8Array, faults: DriverFaults): Topology {
  const nodes = readTree(blob);
  const iommus = nodes.filter((node) => cellsOf(node, '#iommu-cells')[0] === 1 && !node.properties.has('iommus'));
  const iommu = iommus.find((node) => isCompatible(node, 'virtio,pci-iommu', 'pci1af4,1057', 'virtio,mmio'));
  const phandle = cellsOf(iommu, 'phandle')[0];
  const onPci = iommu !== undefined && !isCompatible(iommu, 'virtio,mmio');
  const bdf = onPci ? ((cellsOf(iommu, 'reg')[0] ?? 0) >>> 8) & RID_MASK : undefined;
  const bridge = nodes.find((node) => node.properties.has('iommu-map'));
  const windows = new Map<number, number>();
  for (const node of nodes) {
    const [behind, id] = cellsOf(node, 'iommus');
    const address = addressOf(node);
    if (behind === undefined || behind !== phandle || id === undefined || address === undefined) continue;
    windows.set(address, faults.has('iommus-phandle-taken-for-id') ? behind : id);
  }
  const entries = entriesOf(bridge, faults).filter((entry) => entry.phandle === phandle);
  const [mask = RID_MASK] = faults.has('iommu-map-mask-ignored') ? [] : cellsOf(bridge, 'iommu-map-mask');
  return {
    iommu: bdf,
    iommuWindow: iommu && !onPci ? addressOf(iommu) : undefined,
    endpointId: (rid) => (rid === bdf ? undefined : idIn(entries, rid, rid & mask, faults)),
    windowId: (address) => windowIdWith(windows.get(address), address, faults),
  };
}

/** Where the node's first window begins, with the address cells of its parent. */
function addressOf(node: TreeNode): number | undefined {
  const cells = cellsOf(node.parent, '#address-cells')[0] ?? 2;
  const reg = cellsOf(node, 'reg');
  return cells === 2 && reg.length >= 2 ? reg[0]! * 2 ** 32 + reg[1]! : undefined;
}

function entriesOf(bridge: TreeNode | undefined, faults: DriverFaults): MapEntry[] {
  const cells = cellsOf(bridge, 'iommu-map');
  const entries: MapEntry[] = [];
  for (let at = 0; at + 4 <= cells.length; at += 4) {
    const [ridBase, phandle, idBase, length] = cells.slice(at, at + 4);
    entries.push({ ridBase: ridBase!, phandle: phandle!, idBase: idBase!, length: length! });
  }
  return faults.has('iommu-map-first-entry-only') ? entries.slice(0, 1) : entries;
}

function idIn(entries: readonly MapEntry[], rid: number, masked: number, faults: DriverFaults): number | undefined {
  const entry = entries.find(({ ridBase, length }) => {
    const end = faults.has('iommu-map-length-ignored') ? RID_MASK : ridBase + length - 1;
    return masked >= ridBase && masked <= end;
  });
  if (!entry) return undefined;
  if (faults.has('iommu-map-base-ignored')) return rid;
  const id = entry.idBase + (faults.has('iommu-map-offset-ignored') ? 0 : masked - entry.ridBase);
  return faults.has('iommu-map-id-16-bit') ? id & 0xffff : id;
}
