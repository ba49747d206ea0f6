/**
 * The device tree that describes a topology, by the bindings virtio/pci-iommu, virtio/mmio and pci/pci-iommu.
 * It holds what a driver needs to find its IOMMU and endpoints; the rest of a machine (memory, CPUs) is left out.
 */
import {
  IOMMU_FUNCTIONS,
  type IommuFunctionName,
  isIommuFunction,
  SLOTS,
  type Window,
  WINDOW_SLOTS,
  type WindowSlotName,
  WINDOWS,
  type Windows,
} from '../machine-setup.ts';
import { cells, flag, flattenedTree, strings, type TreeNode } from './flattened-tree.ts';
import type { MapTuple } from './iommu-map.ts';
import type { DescriptionOddity } from './oddities.ts';
import { type Described, type DescribedIommu, formsOf, TOPOLOGIES, windowIds } from './topologies.ts';

const PHANDLE_INTERRUPTS = 1;
/** Of the first IOMMU; the others count on. */
const PHANDLE_IOMMU = 2;
const PHANDLE_OF_TWO_CELLS = 0x20;
const PHANDLE_OF_ONE_CELL = 0x21;
const PHANDLE_DISABLED = 0x22;

/** Where IOMMUs of another kind would be. */
const FOREIGN_BASE = 0x0905_0000;
const FOREIGN_BYTES = 0x1000;

/** An IOMMU as the other nodes refer to it. */
type ReferredIommu = DescribedIommu & { readonly phandle: number };

const ROOT_COMPLEX = 'pci-host-ecam-generic';

/** Configuration space and memory windows of the root complex. */
const ECAM_BASE = 0x3f00_0000;
const ECAM_BYTES_OF_A_BUS = 0x10_0000;
/** From one root complex to the next. */
const ECAM_BYTES = 0x100_0000;
const LAST_BUS = 0xff;

/** The first and the last of them. */
type Buses = readonly [number, number];
const PCI_MEMORY_BASE = 0x1000_0000;
const PCI_MEMORY_BYTES = 0x2000_0000;

/** First cell of a PCI address: 32-bit memory space, not prefetchable. */
const PCI_MEMORY_SPACE = 0x0200_0000;

/** A shared interrupt of the controller, level-sensitive, active high. */
const INTERRUPT_SHARED = 0;
const INTERRUPT_LEVEL_HIGH = 4;

const hex = (value: number): string => value.toString(16);

function windowNode(
  name: string,
  { address, length, interrupt }: Window,
  properties: TreeNode['properties'],
): TreeNode {
  return {
    name: `${name}@${hex(address)}`,
    properties: {
      ...properties,
      reg: cells(0, address, 0, length),
      interrupts: cells(INTERRUPT_SHARED, interrupt, INTERRUPT_LEVEL_HIGH),
    },
  };
}

/** As a PCI child an IOMMU is found by its requester ID alone: it stays out of every map. */
function pciIommu(place: IommuFunctionName, phandle: number): TreeNode {
  const { bdf } = IOMMU_FUNCTIONS[place];
  return {
    name: `iommu@${hex(bdf >> 3)}`,
    properties: {
      compatible: strings('virtio,pci-iommu', 'pci1af4,1057'),
      reg: cells(bdf << 8, 0, 0, 0, 0),
      '#iommu-cells': cells(1),
      phandle: cells(phandle),
    },
  };
}

const mmioIommu = (window: Window, phandle: number): TreeNode =>
  windowNode('virtio_mmio', window, {
    compatible: strings('virtio,mmio'),
    '#iommu-cells': cells(1),
    phandle: cells(phandle),
  });

/** `before` are entries of iommus that come first. */
function windowEndpoint(
  slot: WindowSlotName,
  window: Window,
  [phandle, id]: readonly [number, number],
  before: readonly number[] = [],
): TreeNode {
  const isEngine = WINDOW_SLOTS[slot].kind === 'dma-engine';
  return windowNode(isEngine ? 'dma-engine' : 'virtio_mmio', window, {
    compatible: strings(isEngine ? 'viommuspec,dma-engine' : 'virtio,mmio'),
    iommus: cells(...before, phandle, id),
  });
}

/** For the buses that are given, with `before` as the first rows. */
function mapProperties(
  iommus: readonly ReferredIommu[],
  [firstBus, lastBus]: Buses = [0, LAST_BUS],
  before: readonly number[] = [],
): TreeNode['properties'] {
  const map = iommus.flatMap(({ phandle, map: { tuples } }) =>
    tuples
      .filter(({ ridBase }) => ridBase >> 8 >= firstBus && ridBase >> 8 <= lastBus)
      .flatMap(({ ridBase, iommuBase, length }) => [ridBase, phandle, iommuBase, length]),
  );
  const mask = iommus[0]?.map.mask;
  return { 'iommu-map': cells(...before, ...map), ...(mask === undefined ? {} : { 'iommu-map-mask': cells(mask) }) };
}

const referred = (iommus: readonly DescribedIommu[], firstPhandle: number): ReferredIommu[] =>
  iommus.map((iommu, index) => ({ ...iommu, phandle: firstPhandle + index }));

const pciIommus = (iommus: readonly ReferredIommu[]): TreeNode[] =>
  iommus.flatMap(({ place, phandle }) => (isIommuFunction(place) ? [pciIommu(place, phandle)] : []));

/** The `index`-th root complex, in front of these buses; its children are left out. */
const rootComplex = ([firstBus, lastBus]: Buses, index: number, map: TreeNode['properties']): TreeNode => {
  const memory = PCI_MEMORY_BASE + index * PCI_MEMORY_BYTES;
  return {
    name: `pcie@${hex(ECAM_BASE + index * ECAM_BYTES)}`,
    properties: {
      compatible: strings(ROOT_COMPLEX),
      device_type: strings('pci'),
      reg: cells(0, ECAM_BASE + index * ECAM_BYTES, 0, ECAM_BYTES_OF_A_BUS * (lastBus - firstBus + 1)),
      'bus-range': cells(firstBus, lastBus),
      'linux,pci-domain': cells(0),
      '#address-cells': cells(3),
      '#size-cells': cells(2),
      ranges: cells(PCI_MEMORY_SPACE, 0, memory, 0, memory, 0, PCI_MEMORY_BYTES),
      'dma-coherent': flag(),
      ...map,
    },
  };
};

const interruptController: TreeNode = {
  name: 'interrupt-controller@8000000',
  properties: {
    compatible: strings('arm,cortex-a15-gic'),
    'interrupt-controller': flag(),
    '#interrupt-cells': cells(3),
    '#address-cells': cells(0),
    reg: cells(0, 0x0800_0000, 0, 0x1_0000, 0, 0x0801_0000, 0, 0x1_0000),
    phandle: cells(PHANDLE_INTERRUPTS),
  },
};

const disabled = ({ properties, ...node }: TreeNode): TreeNode => ({
  ...node,
  properties: { ...properties, status: strings('disabled') },
});

/** IOMMUs of another kind, as far as others refer to them. */
const foreignIommu = (phandle: number, cellCount: number): TreeNode => ({
  name: `iommu@${hex(FOREIGN_BASE + phandle * FOREIGN_BYTES)}`,
  properties: {
    compatible: strings('viommuspec,foreign-iommu'),
    reg: cells(0, FOREIGN_BASE + phandle * FOREIGN_BYTES, 0, FOREIGN_BYTES),
    '#iommu-cells': cells(cellCount),
    phandle: cells(phandle),
  },
});

/** What oddities add to a tree. */
interface Additions {
  readonly nodes: readonly TreeNode[];
  /** In front of the root complex. */
  readonly roots: readonly TreeNode[];
  readonly pciNodes: readonly TreeNode[];
  /** Cells in front of those of iommu-map, and of the iommus of an endpoint. */
  readonly mapCells: readonly number[];
  readonly iommusCells: readonly number[];
}

/** The function that no topology describes, which is nobody's, whoever has an entry for it. */
const NOBODY = SLOTS.gap.bdf;
const FUNCTIONS = 8;

function additionsOf({ oddities = [] }: Described, { iommus, roots, endpoints }: TreeFacts): Additions {
  const has = (name: DescriptionOddity): boolean => oddities.includes(name);
  const [two, one] = [has('tree-foreign-iommu'), has('tree-foreign-iommu-of-one-cell')];
  const isPlaceFree = iommus.every(({ place }) => place !== 'iommu2');
  const lost = has('tree-disabled-iommu') && isPlaceFree;
  const endpoint = has('tree-disabled-endpoint') && endpoints.every(({ slot }) => slot !== 'platform');
  const moved = iommus.map(({ map, ...iommu }) => ({ ...iommu, map: { ...map, tuples: map.tuples.map(otherIds) } }));
  return {
    nodes: [
      ...(two ? [foreignIommu(PHANDLE_OF_TWO_CELLS, 2)] : []),
      ...(one ? [foreignIommu(PHANDLE_OF_ONE_CELL, 1)] : []),
      ...(endpoint
        ? [disabled(windowEndpoint('platform', WINDOWS.platform, [PHANDLE_IOMMU, WINDOW_SLOTS.platform.id]))]
        : []),
    ],
    roots: has('tree-disabled-bridge') ? [disabled(rootComplex(roots[0]!, roots.length, mapProperties(moved)))] : [],
    pciNodes: lost ? [disabled(pciIommu('iommu2', PHANDLE_DISABLED))] : [],
    mapCells: [
      ...(two ? [NOBODY, PHANDLE_OF_TWO_CELLS, 0, NOBODY, FUNCTIONS] : []),
      ...(one ? [NOBODY, PHANDLE_OF_ONE_CELL, NOBODY, FUNCTIONS] : []),
      ...(lost ? [NOBODY, PHANDLE_DISABLED, NOBODY, FUNCTIONS] : []),
    ],
    iommusCells: [...(two ? [PHANDLE_OF_TWO_CELLS, 0, 1] : []), ...(one ? [PHANDLE_OF_ONE_CELL, 2] : [])],
  };
}

const otherIds = ({ iommuBase, ...tuple }: MapTuple): MapTuple => ({ ...tuple, iommuBase: iommuBase ^ 0x4000 });

/** What a tree is made from. */
interface TreeFacts {
  readonly iommus: readonly ReferredIommu[];
  /** The buses of each root complex. */
  readonly roots: readonly Buses[];
  /** Those in windows. */
  readonly endpoints: readonly ReferringEndpoint[];
}

/** An endpoint in a window, and the cells by which it refers to its IOMMU. */
interface ReferringEndpoint {
  readonly slot: WindowSlotName;
  readonly iommu: readonly [number, number];
}

const referring = (iommus: readonly ReferredIommu[], described: Described): ReferringEndpoint[] =>
  iommus.flatMap((iommu) =>
    windowIds(iommu, described).map(([slot, id]): ReferringEndpoint => ({ slot, iommu: [iommu.phandle, id] })),
  );

function factsOf(described: Described): TreeFacts {
  const { iommus, bridge, secondRoot } = TOPOLOGIES[described.topology];
  const second: readonly Buses[] = secondRoot ? [[secondRoot.firstBus, secondRoot.lastBus]] : [];
  const known = referred(iommus, PHANDLE_IOMMU);
  return { iommus: known, roots: [[0, bridge?.bus ?? 0], ...second], endpoints: referring(known, described) };
}

/** The blob that describes a machine to a guest; undefined for a topology that cannot be described so. */
export function deviceTree(machine: Described): Uint8Array | undefined {
  if (!formsOf(machine.topology, machine.oddities).includes('device-tree')) return undefined;
  const facts = factsOf(machine);
  const { iommus, roots, endpoints } = facts;
  const added = additionsOf(machine, facts);
  return flattenedTree({
    name: '',
    properties: {
      compatible: strings('viommuspec,machine'),
      model: strings('viommuspec'),
      '#address-cells': cells(2),
      '#size-cells': cells(2),
      'interrupt-parent': cells(PHANDLE_INTERRUPTS),
    },
    children: [
      interruptController,
      ...added.nodes,
      ...iommus.flatMap(({ place, phandle }) => (isIommuFunction(place) ? [] : [mmioIommu(WINDOWS[place], phandle)])),
      ...added.roots,
      ...roots.map((buses, index) => ({
        ...rootComplex(buses, index, mapProperties(iommus, buses, index === 0 ? added.mapCells : [])),
        children: index === 0 ? [...added.pciNodes, ...pciIommus(iommus)] : [],
      })),
      ...endpoints.map(({ slot, iommu }) => windowEndpoint(slot, WINDOWS[slot], iommu, added.iommusCells)),
    ],
  });
}

/** What the property `phandle` of a node says, and those of the nodes below it. */
function* phandles({ properties, children = [] }: TreeNode): Generator<number> {
  const { phandle } = properties;
  if (phandle) yield new DataView(phandle.buffer, phandle.byteOffset).getUint32(0);
  for (const child of children) yield* phandles(child);
}

const isRootComplex = ({ properties: { compatible } }: TreeNode): boolean =>
  compatible !== undefined && compatible.join() === strings(ROOT_COMPLEX).join();

/**
 * The tree of a whole machine, in which the topology has its IOMMUs, on the PCI bus and in `windows`, and the endpoints behind
 * them. `machine` is the tree without them, and has one root complex.
 */
export function treeOfMachine(machine: TreeNode, described: Described, windows: Windows): TreeNode {
  const { children = [] } = machine;
  if (!children.some(isRootComplex)) throw new Error("assertion: the machine's device tree has no PCI root complex");
  const iommus = referred(TOPOLOGIES[described.topology].iommus, Math.max(0, ...phandles(machine)) + 1);
  return {
    ...machine,
    children: [
      ...children.map((node) =>
        isRootComplex(node)
          ? {
              ...node,
              properties: { ...node.properties, ...mapProperties(iommus) },
              children: [...(node.children ?? []), ...pciIommus(iommus)],
            }
          : node,
      ),
      ...iommus.flatMap(({ place, phandle }) => (isIommuFunction(place) ? [] : [mmioIommu(windows[place], phandle)])),
      ...referring(iommus, described).map(({ slot, iommu }) => windowEndpoint(slot, windows[slot], iommu)),
    ],
  };
}
