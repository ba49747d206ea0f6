/** How windows of registers come into QEMU's machines: each behind the BAR of a PCI function that the guest puts in its place. */
import {
  type TopologyName,
  type Window,
  WINDOWS,
  type WindowName,
  type Windows,
} from '../../../reference-device/machine-setup.ts';
import { isWindowOf } from '../../../reference-device/topology/topologies.ts';
import { pciAddress } from '../../driver-contract/machine-file.ts';
import { type Architecture, ARCHITECTURES } from './architecture.ts';

/** In devices in which no topology has functions. */
const CARRIER_BDFS: Readonly<Record<WindowName, number>> = { 'iommu-mmio': 12 << 3, platform: 13 << 3 };

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
  return { 'iommu-mmio': placed('iommu-mmio'), platform: placed('platform') };
}

/** A window with its carrier. */
export interface CarriedWindow extends Window {
  readonly name: WindowName;
  /** Of the function. */
  readonly bdf: number;
  /** The kernel's name of the platform device. */
  readonly device: string;
}

/**
 * Of those that `topology` has, in the order in which the guest is told of them. ACPI names that of an endpoint to nobody: the device
 * would be there in machines without that endpoint too, whose PROBE is refused then, and Linux 7.3 gives up an IOMMU for that.
 */
export function carriedWindows(topology: TopologyName, architecture: Architecture): CarriedWindow[] {
  const windows = guestWindows(architecture);
  const isByAcpi = ARCHITECTURES[architecture].description === 'viot';
  const names: readonly WindowName[] = isByAcpi ? ['iommu-mmio'] : ['iommu-mmio', 'platform'];
  return names
    .filter((name) => isWindowOf(name, topology))
    .map((name, index) => {
      const device = ARCHITECTURES[architecture].windowDevice(index, windows[name].address);
      return { name, ...windows[name], bdf: CARRIER_BDFS[name], device };
    });
}

/** The addresses by the names of the windows. */
export const carriedAddresses = (windows: Windows): ReadonlyMap<string, number> =>
  new Map(Object.entries(windows).map(([name, { address }]) => [name, address]));

/** What the guest's machine file says of windows before what every driver is told. */
export const windowLines = (topology: TopologyName, architecture: Architecture): string =>
  carriedWindows(topology, architecture)
    .map(({ address, bdf, device }) => {
      return `window address=0x${address.toString(16)} carrier=${pciAddress(bdf)} device=${device}\n`;
    })
    .join('');
