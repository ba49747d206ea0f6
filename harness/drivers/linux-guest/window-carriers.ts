/** How windows of registers come into QEMU's machines: each behind the BAR of a PCI function that the guest puts in its place. */
import {
  isWindowSlot,
  kindOf,
  type Window,
  WINDOWS,
  type WindowName,
  type Windows,
} from '../../../reference-device/machine-setup.ts';
import { type Described, isWindowOf } from '../../../reference-device/topology/topologies.ts';
import { pciAddress } from '../../driver-contract/machine-file.ts';
import { type Architecture, ARCHITECTURES } from './architecture.ts';

/** In devices in which no topology has functions. */
const CARRIER_BDFS: Readonly<Record<WindowName, number>> = {
  'iommu-mmio': 12 << 3,
  platform: 13 << 3,
  'platform-rng': 14 << 3,
};

/** INTA# of so many devices in a row has a wire of its own; then they begin anew. */
const WIRES = 4;

/** Where the guests of that architecture have their windows. Interrupts are those of the carriers, as the kernel counts them. */
export function guestWindows(architecture: Architecture): Windows {
  const { firstWire, windowBase } = ARCHITECTURES[architecture];
  const placed = (name: WindowName): Window => ({
    address: windowBase + WINDOWS[name].address - WINDOWS['iommu-mmio'].address,
    length: WINDOWS[name].length,
    interrupt: firstWire + ((CARRIER_BDFS[name] >> 3) % WIRES),
  });
  return {
    'iommu-mmio': placed('iommu-mmio'),
    platform: placed('platform'),
    'platform-rng': placed('platform-rng'),
  };
}

/** A window with its carrier. */
export interface CarriedWindow extends Window {
  readonly name: WindowName;
  /** Of the function. */
  readonly bdf: number;
  /** The kernel's name of the platform device. */
  readonly device: string;
}

/** Those of the machine that have virtio devices, in the order in which the guest is told of them: Linux has no driver for the others. */
export function carriedWindows(described: Described, architecture: Architecture): CarriedWindow[] {
  const windows = guestWindows(architecture);
  const names: readonly WindowName[] = ['iommu-mmio', 'platform', 'platform-rng'];
  return names
    .filter((name) => isWindowOf(name, described) && !(isWindowSlot(name) && kindOf(name) === 'dma-engine'))
    .map((name, index) => {
      const device = ARCHITECTURES[architecture].windowDevice(index, windows[name].address);
      return { name, ...windows[name], bdf: CARRIER_BDFS[name], device };
    });
}

/** The addresses by the names of the windows. */
export const carriedAddresses = (windows: Windows): ReadonlyMap<string, number> =>
  new Map(Object.entries(windows).map(([name, { address }]) => [name, address]));

/** What the guest's machine file says of windows before what every driver is told. */
export const windowLines = (described: Described, architecture: Architecture): string =>
  carriedWindows(described, architecture)
    .map(({ address, bdf, device }) => {
      return `window address=0x${address.toString(16)} carrier=${pciAddress(bdf)} device=${device}\n`;
    })
    .join('');
