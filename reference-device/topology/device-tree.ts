/**
 * The device tree that describes a topology, by the bindings virtio/pci-iommu, virtio/mmio and pci/pci-iommu.
 * It holds what a driver needs to find its IOMMU and endpoints; the rest of a machine (memory, CPUs) is left out.
 */
import {
  IOMMU_FUNCTIONS,
  type IommuFunctionName,
  isIommuFunction,
  type TopologyName,
  WINDOWS,
  type WindowName,
} from '../machine-setup.ts';
import { cells, flag, flattenedTree, strings, type TreeNode } from './flattened-tree.ts';
import { type DescribedIommu, TOPOLOGIES } from './topologies.ts';

const PHANDLE_INTERRUPTS = 1;
/** Of the first IOMMU; the others count on. */
const PHANDLE_IOMMU = 2;

/** An IOMMU as the other nodes refer to it. */
type ReferredIommu = DescribedIommu & { readonly phandle: number };

const ROOT_COMPLEX = 'pci-host-ecam-generic';

/** Configuration space and memory windows of the root complex. */
const ECAM_BASE = 0x3f00_0000;
const ECAM_BYTES_OF_A_BUS = 0x10_0000;
const PCI_MEMORY_BASE = 0x1000_0000;
const PCI_MEMORY_BYTES = 0x2000_0000;

/** First cell of a PCI address: 32-bit memory space, not prefetchable. */
const PCI_MEMORY_SPACE = 0x0200_0000;

/** A shared interrupt of the controller, level-sensitive, active high. */
const INTERRUPT_SHARED = 0;
const INTERRUPT_LEVEL_HIGH = 4;

const hex = (value: number): string => value.toString(16);

function window(name: string, place: WindowName, properties: TreeNode['properties']): TreeNode {
  const { address, length, interrupt } = WINDOWS[place];
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

const mmioIommu = (place: WindowName, phandle: number): TreeNode =>
  window('virtio_mmio', place, {
    compatible: strings('virtio,mmio'),
    '#iommu-cells': cells(1),
    phandle: cells(phandle),
  });

const platformEndpoint = (phandle: number, id: number): TreeNode =>
  window('dma-engine', 'platform', {
    compatible: strings('viommuspec,dma-engine'),
    iommus: cells(phandle, id),
  });

function mapProperties(iommus: readonly ReferredIommu[]): TreeNode['properties'] {
  const map = iommus.flatMap(({ phandle, map: { tuples } }) =>
    tuples.flatMap(({ ridBase, iommuBase, length }) => [ridBase, phandle, iommuBase, length]),
  );
  const mask = iommus[0]?.map.mask;
  return { 'iommu-map': cells(...map), ...(mask === undefined ? {} : { 'iommu-map-mask': cells(mask) }) };
}

const referred = (iommus: readonly DescribedIommu[], firstPhandle: number): ReferredIommu[] =>
  iommus.map((iommu, index) => ({ ...iommu, phandle: firstPhandle + index }));

const pciIommus = (iommus: readonly ReferredIommu[]): TreeNode[] =>
  iommus.flatMap(({ place, phandle }) => (isIommuFunction(place) ? [pciIommu(place, phandle)] : []));

const rootComplex = (iommus: readonly ReferredIommu[], lastBus: number): TreeNode => ({
  name: `pcie@${hex(ECAM_BASE)}`,
  properties: {
    compatible: strings(ROOT_COMPLEX),
    device_type: strings('pci'),
    reg: cells(0, ECAM_BASE, 0, ECAM_BYTES_OF_A_BUS * (lastBus + 1)),
    'bus-range': cells(0, lastBus),
    'linux,pci-domain': cells(0),
    '#address-cells': cells(3),
    '#size-cells': cells(2),
    ranges: cells(PCI_MEMORY_SPACE, 0, PCI_MEMORY_BASE, 0, PCI_MEMORY_BASE, 0, PCI_MEMORY_BYTES),
    'dma-coherent': flag(),
    ...mapProperties(iommus),
  },
  children: pciIommus(iommus),
});

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

/** The blob that describes `topology` to a guest; undefined for a topology that cannot be described so. */
export function deviceTree(topology: TopologyName): Uint8Array | undefined {
  const { forms, iommus: described, bridge } = TOPOLOGIES[topology];
  if (!forms.includes('device-tree')) return undefined;
  const iommus = referred(described, PHANDLE_IOMMU);
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
      ...iommus.flatMap(({ place, phandle }) => (isIommuFunction(place) ? [] : [mmioIommu(place, phandle)])),
      rootComplex(iommus, bridge?.bus ?? 0),
      ...iommus.flatMap(({ phandle, platformId }) =>
        platformId === undefined ? [] : [platformEndpoint(phandle, platformId)],
      ),
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
 * The tree of a whole machine, in which `topology` has its IOMMUs on the PCI bus, and the functions behind them. `machine`
 * is the tree without them, and has one root complex. Windows of registers, which such a machine does not have, stay out.
 */
export function treeOfMachine(machine: TreeNode, topology: TopologyName): TreeNode {
  const { children = [] } = machine;
  if (!children.some(isRootComplex)) throw new Error("assertion: the machine's device tree has no PCI root complex");
  const iommus = referred(TOPOLOGIES[topology].iommus, Math.max(0, ...phandles(machine)) + 1);
  return {
    ...machine,
    children: children.map((node) =>
      isRootComplex(node)
        ? {
            ...node,
            properties: { ...node.properties, ...mapProperties(iommus) },
            children: [...(node.children ?? []), ...pciIommus(iommus)],
          }
        : node,
    ),
  };
}
