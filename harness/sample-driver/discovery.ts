/** Finds the devices of the platform, and by which endpoint IDs the IOMMU knows them. */
import { readThrough } from './bus-access.ts';
import { readDeviceTree } from './device-tree.ts';
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { Endpoint } from './endpoint.ts';
import { openMmioIommu } from './mmio-registers.ts';
import { PciDevice } from './pci.ts';
import { openPciIommu } from './pci-opening.ts';
import type { Platform } from './platform.ts';
import type { Topology } from './topology.ts';
import { readViot } from './viot.ts';

/** A device that may act as bus master. */
export interface FoundDevice {
  readonly name: string;
  /** Undefined for a device that is no PCI function. */
  readonly pci: PciDevice | undefined;
  readonly endpoint: Endpoint;
}

/** Where the DMA engine has its magic number. */
const ENGINE_MAGIC_OFFSET = 0x14;
const ENGINE_MAGIC = 0x4e4f_4445;

/** Reads whichever description the platform has. */
export const readTopology = ({ deviceTree, viot }: Platform, faults: DriverFaults): Topology =>
  deviceTree === undefined ? readViot(viot, faults) : readDeviceTree(deviceTree, faults);

/** How to get at the registers of the IOMMU that `topology` names; a sentence if it names none that is there. */
export function iommuOpening(
  platform: Platform,
  topology: Topology,
  faults: DriverFaults,
): (() => DeviceRegisters | string) | string {
  const found = platform.functions.find(({ address }) => address === topology.iommu);
  if (found) return () => openPciIommu(new PciDevice(found), faults);
  const window = platform.windows?.find(({ address }) => address === topology.iommuWindow);
  return window ? () => openMmioIommu(window, faults) : 'the topology names no IOMMU that is there';
}

/** Every device but the IOMMU. Those that share an ID share an endpoint. */
export function discover(platform: Platform, topology: Topology, faults: DriverFaults): FoundDevice[] {
  const known = new Map<number, Endpoint>();
  const endpointFor = (name: string, id: number | undefined): Endpoint => {
    const shared = id === undefined || faults.has('shared-id-in-two-domains') ? undefined : known.get(id);
    const endpoint: Endpoint = shared ?? { name, id, regions: [], domain: undefined, own: undefined };
    if (id !== undefined) known.set(id, endpoint);
    return endpoint;
  };
  return [
    ...pciDevices(platform, topology, faults).map(({ name, pci, id }) => ({
      name,
      pci,
      endpoint: endpointFor(name, id),
    })),
    ...windowDevices(platform, topology).map(({ name, id }) => ({
      name,
      pci: undefined,
      endpoint: endpointFor(name, id),
    })),
  ];
}

function pciDevices(
  { functions }: Platform,
  topology: Topology,
  faults: DriverFaults,
): { readonly name: string; readonly pci: PciDevice; readonly id: number | undefined }[] {
  const found = [];
  for (const platformFunction of functions) {
    const { name, address } = platformFunction;
    if (address === topology.iommu && !faults.has('attaches-iommu-itself')) continue;
    const pci = new PciDevice(platformFunction);
    if (!pci.isPresent() && !faults.has('attaches-absent-endpoint')) continue;
    const id = topology.endpointId(address);
    if (address === topology.iommu && id === undefined) continue;
    found.push({ name, pci, id });
  }
  return found;
}

/** Devices that are no PCI functions are known from the description alone. */
function windowDevices(
  { windows = [] }: Platform,
  topology: Topology,
): { readonly name: string; readonly id: number }[] {
  return windows.flatMap((window) => {
    const id = topology.windowId(window.address);
    if (id === undefined) return [];
    const magic = readThrough(4, (out) => window.readRegister(ENGINE_MAGIC_OFFSET, out));
    return magic === ENGINE_MAGIC ? [{ name: window.name, id }] : [];
  });
}
