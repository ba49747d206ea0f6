/** What a device tree says of the IOMMUs and their endpoints (bindings virtio/pci-iommu, virtio/mmio, pci/pci-iommu). */
import type { DriverFaults } from './driver-faults.ts';
import { cellsOf, readTree, stringsOf, type TreeNode } from './flattened-tree.ts';
import { type Described, type IommuPlace, isIommu, type Topology } from './topology.ts';
import { windowWith } from './window-id.ts';

/** A row of iommu-map. */
interface MapEntry {
  readonly ridBase: number;
  readonly phandle: number;
  readonly idBase: number;
  readonly length: number;
}

/** A root complex: which buses are below it, and how the IOMMUs know its functions. */
interface Bridge {
  readonly firstBus: number;
  readonly lastBus: number;
  readonly mask: number;
  readonly entries: readonly MapEntry[];
}

const RID_MASK = 0xffff;
const LAST_BUS = 0xff;

const isCompatible = (node: TreeNode, ...names: readonly string[]): boolean =>
  stringsOf(node, 'compatible').some((name) => names.includes(name));

/** Reads the tree; nodes that make no sense are left out. */
export function readDeviceTree(blob: Uint8Array, faults: DriverFaults): Topology {
  const all = readTree(blob);
  const nodes = faults.has('tree-status-ignored') ? all : all.filter(isEnabled);
  const iommus = iommusIn(nodes);
  const places = [...iommus.values()];
  const cellsAt = cellCounts(all, faults);
  const windows = new Map<number, Described>();
  for (const node of nodes) {
    const address = addressOf(node);
    const described = address === undefined ? undefined : endpointIn(node, iommus, cellsAt, faults);
    if (address !== undefined && described) windows.set(address, described);
  }
  const bridges = nodes.filter(isRoot).map((node) => bridgeAt(node, iommus, cellsAt, faults));
  const known = faults.has('second-bridge-ignored') ? bridges.slice(0, 1) : bridges;
  return {
    iommus: places,
    functionAt: (rid) => {
      const bridge = known.find(({ firstBus, lastBus }) => rid >> 8 >= firstBus && rid >> 8 <= lastBus);
      if (!bridge || isIommu({ iommus: places }, rid)) return undefined;
      const masked = rid & bridge.mask;
      const entry = entryOf(bridge.entries, masked, faults);
      const iommu = entry && iommus.get(entry.phandle);
      return iommu && { iommu, id: idIn(entry, rid, masked, faults) };
    },
    windowAt: (address) => windowWith(windows.get(address), address, faults),
  };
}

/** A node without a status is enabled, and so is what lies below it only if it is enabled itself. */
function isEnabled(node: TreeNode): boolean {
  const [status = 'okay'] = stringsOf(node, 'status');
  return (status === 'okay' || status === 'ok') && (node.parent === undefined || isEnabled(node.parent));
}

/** A root complex with functions that this platform can have: they are all in the first segment. */
const isRoot = (node: TreeNode): boolean =>
  node.properties.has('iommu-map') && (cellsOf(node, 'linux,pci-domain')[0] ?? 0) === 0;

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

/** How many cells name an endpoint of each IOMMU, whoever drives it, by its phandle. */
function cellCounts(nodes: readonly TreeNode[], faults: DriverFaults): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const node of nodes) {
    const [phandle] = cellsOf(node, 'phandle');
    const [count] = cellsOf(node, '#iommu-cells');
    if (phandle === undefined || count === undefined) continue;
    counts.set(phandle, faults.has('iommu-cells-ignored') ? 1 : count);
  }
  return counts;
}

/** The first entry of iommus that names an IOMMU of ours. What stands behind an unknown one cannot be told. */
function endpointIn(
  node: TreeNode,
  iommus: ReadonlyMap<number, IommuPlace>,
  cellsAt: ReadonlyMap<number, number>,
  faults: DriverFaults,
): Described | undefined {
  const cells = cellsOf(node, 'iommus');
  for (let at = 0; at < cells.length; ) {
    const phandle = cells[at] ?? 0;
    const [iommu, count, id] = [iommus.get(phandle), cellsAt.get(phandle), cells[at + 1]];
    if (iommu && id !== undefined) return { iommu, id: faults.has('iommus-phandle-taken-for-id') ? phandle : id };
    if (count === undefined || faults.has('iommus-first-entry-only')) return undefined;
    at += 1 + count;
  }
  return undefined;
}

/** Where the node's first window begins, with the address cells of its parent. */
function addressOf(node: TreeNode): number | undefined {
  const cells = cellsOf(node.parent, '#address-cells')[0] ?? 2;
  const reg = cellsOf(node, 'reg');
  return cells === 2 && reg.length >= 2 ? reg[0]! * 2 ** 32 + reg[1]! : undefined;
}

function bridgeAt(
  node: TreeNode,
  iommus: ReadonlyMap<number, IommuPlace>,
  cellsAt: ReadonlyMap<number, number>,
  faults: DriverFaults,
): Bridge {
  const [firstBus = 0, lastBus = LAST_BUS] = cellsOf(node, 'bus-range');
  const [mask = RID_MASK] = faults.has('iommu-map-mask-ignored') ? [] : cellsOf(node, 'iommu-map-mask');
  const entries = entriesOf(cellsOf(node, 'iommu-map'), cellsAt);
  const read = faults.has('iommu-map-first-entry-only') ? entries.slice(0, 1) : entries;
  return { firstBus, lastBus, mask, entries: read.filter(({ phandle }) => iommus.has(phandle)) };
}

/** Each is a requester ID, an IOMMU, as many cells as name an endpoint there, and a length. */
function entriesOf(cells: readonly number[], cellsAt: ReadonlyMap<number, number>): MapEntry[] {
  const entries: MapEntry[] = [];
  for (let at = 0; at + 2 <= cells.length; ) {
    const [ridBase, phandle] = [cells[at] ?? 0, cells[at + 1] ?? 0];
    const end = at + 2 + (cellsAt.get(phandle) ?? 1);
    const length = cells[end];
    if (length === undefined) break;
    entries.push({ ridBase, phandle, idBase: cells[end - 1] ?? 0, length });
    at = end + 1;
  }
  return entries;
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
