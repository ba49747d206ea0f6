/** What a device tree says of the IOMMUs and their endpoints (bindings virtio/pci-iommu, virtio/mmio, pci/pci-iommu). */
import type { DriverFaults } from './driver-faults.ts';
import { cellsOf, readTree, stringsOf, type TreeNode } from './flattened-tree.ts';
import { type Described, type IommuPlace, isIommu, type Topology } from './topology.ts';
import { windowWith } from './window-id.ts';

interface MapEntry {
  readonly ridBase: number;
  readonly phandle: number;
  readonly idBase: number;
  readonly length: number;
}

const RID_MASK = 0xffff;

const isCompatible = (node: TreeNode, ...names: readonly string[]): boolean =>
  stringsOf(node, 'compatible').some((name) => names.includes(name));

/** Reads the tree; nodes that make no sense are left out. */
export function readDeviceTree(blob: Uint8Array, faults: DriverFaults): Topology {
  const nodes = readTree(blob);
  const iommus = iommusIn(nodes);
  const places = [...iommus.values()];
  const bridge = nodes.find((node) => node.properties.has('iommu-map'));
  const windows = new Map<number, Described>();
  for (const node of nodes) {
    const [behind = -1, id] = cellsOf(node, 'iommus');
    const [iommu, address] = [iommus.get(behind), addressOf(node)];
    if (!iommu || id === undefined || address === undefined) continue;
    windows.set(address, { iommu, id: faults.has('iommus-phandle-taken-for-id') ? behind : id });
  }
  const entries = entriesOf(bridge, faults).filter(({ phandle }) => iommus.has(phandle));
  const [mask = RID_MASK] = faults.has('iommu-map-mask-ignored') ? [] : cellsOf(bridge, 'iommu-map-mask');
  return {
    iommus: places,
    functionAt: (rid) => {
      const entry = entryOf(entries, rid & mask, faults);
      const iommu = entry && iommus.get(entry.phandle);
      if (!iommu || isIommu({ iommus: places }, rid)) return undefined;
      return { iommu, id: idIn(entry, rid, rid & mask, faults) };
    },
    windowAt: (address) => windowWith(windows.get(address), address, faults),
  };
}

/** Every IOMMU by its phandle. */
function iommusIn(nodes: readonly TreeNode[]): Map<number, IommuPlace> {
  const iommus = new Map<number, IommuPlace>();
  for (const node of nodes) {
    const [phandle] = cellsOf(node, 'phandle');
    if (phandle === undefined || cellsOf(node, '#iommu-cells')[0] !== 1 || node.properties.has('iommus')) continue;
    if (isCompatible(node, 'virtio,mmio')) {
      const window = addressOf(node);
      if (window !== undefined) iommus.set(phandle, { window });
    } else if (isCompatible(node, 'virtio,pci-iommu', 'pci1af4,1057')) {
      iommus.set(phandle, { bdf: ((cellsOf(node, 'reg')[0] ?? 0) >>> 8) & RID_MASK });
    }
  }
  return iommus;
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

function entryOf(entries: readonly MapEntry[], masked: number, faults: DriverFaults): MapEntry | undefined {
  return entries.find(({ ridBase, length }) => {
    const end = faults.has('iommu-map-length-ignored') ? RID_MASK : ridBase + length - 1;
    return masked >= ridBase && masked <= end;
  });
}

function idIn(entry: MapEntry, rid: number, masked: number, faults: DriverFaults): number {
  if (faults.has('iommu-map-base-ignored')) return rid;
  const id = entry.idBase + (faults.has('iommu-map-offset-ignored') ? 0 : masked - entry.ridBase);
  return faults.has('iommu-map-id-16-bit') ? id & 0xffff : id;
}
