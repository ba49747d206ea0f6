/**
 * The device tree that describes a topology, by the bindings virtio/pci-iommu, virtio/mmio and pci/pci-iommu.
 * It holds what a driver needs to find its IOMMU and endpoints; the rest of a machine (memory, CPUs) is left out.
 */
import { IOMMU_BDF, type TopologyName, WINDOWS, type WindowName } from '../machine/setup.ts';
import { cells, flag, flattenedTree, strings, type TreeNode } from './flattened-tree.ts';
import type { IommuMap } from './iommu-map.ts';
import { TOPOLOGIES } from './topologies.ts';

const PHANDLE_INTERRUPTS = 1;
const PHANDLE_IOMMU = 2;

/** Configuration space and memory windows of the root complex. */
const ECAM_BASE = 0x3f00_0000;
const ECAM_BYTES = 0x10_0000;
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

/** As a PCI child the IOMMU is found by its requester ID alone: it stays out of its own map. */
const pciIommu: TreeNode = {
  name: `iommu@${hex(IOMMU_BDF >> 3)}`,
  properties: {
    compatible: strings('virtio,pci-iommu', 'pci1af4,1057'),
    reg: cells(IOMMU_BDF << 8, 0, 0, 0, 0),
    '#iommu-cells': cells(1),
    phandle: cells(PHANDLE_IOMMU),
  },
};

const mmioIommu = window('virtio_mmio', 'iommu-mmio', {
  compatible: strings('virtio,mmio'),
  '#iommu-cells': cells(1),
  phandle: cells(PHANDLE_IOMMU),
});

const platformEndpoint = (id: number): TreeNode =>
  window('dma-engine', 'platform', {
    compatible: strings('viommuspec,dma-engine'),
    iommus: cells(PHANDLE_IOMMU, id),
  });

function mapProperties({ tuples, mask }: IommuMap): TreeNode['properties'] {
  const map = tuples.flatMap(({ ridBase, iommuBase, length }) => [ridBase, PHANDLE_IOMMU, iommuBase, length]);
  return { 'iommu-map': cells(...map), ...(mask === undefined ? {} : { 'iommu-map-mask': cells(mask) }) };
}

const rootComplex = (map: IommuMap, children: readonly TreeNode[]): TreeNode => ({
  name: `pcie@${hex(ECAM_BASE)}`,
  properties: {
    compatible: strings('pci-host-ecam-generic'),
    device_type: strings('pci'),
    reg: cells(0, ECAM_BASE, 0, ECAM_BYTES),
    'bus-range': cells(0, 0),
    'linux,pci-domain': cells(0),
    '#address-cells': cells(3),
    '#size-cells': cells(2),
    ranges: cells(PCI_MEMORY_SPACE, 0, PCI_MEMORY_BASE, 0, PCI_MEMORY_BASE, 0, PCI_MEMORY_BYTES),
    'dma-coherent': flag(),
    ...mapProperties(map),
  },
  children,
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

/** The blob that describes `topology` to a guest; undefined for a topology that is described by ACPI. */
export function deviceTree(topology: TopologyName): Uint8Array | undefined {
  const { form, transport, map, platformId } = TOPOLOGIES[topology];
  if (form !== 'device-tree') return undefined;
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
      ...(transport === 'mmio' ? [mmioIommu] : []),
      rootComplex(map, transport === 'pci' ? [pciIommu] : []),
      ...(platformId === undefined ? [] : [platformEndpoint(platformId)]),
    ],
  });
}
