/** Finds the devices of the platform, and by which endpoint IDs the IOMMU knows them. */
import { readThrough } from './bus-access.ts';
import { readDeviceTree } from './device-tree.ts';
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { Endpoint } from './endpoint.ts';
import { type EndpointPlace, functionPlace, windowPlace } from './endpoint-place.ts';
import { openMmioIommu } from './mmio-registers.ts';
import { conventionalBuses, isBridge, type IsolationGroup } from './isolation.ts';
import { PciDevice } from './pci.ts';
import { openPciIommu } from './pci-opening.ts';
import type { Platform, PlatformWindow } from './platform.ts';
import { type Described, type IommuPlace, isIommu, type Topology } from './topology.ts';
import { readViot } from './viot.ts';

/** A device that may act as bus master. */
export interface FoundDevice {
  readonly name: string;
  /** Undefined for a device that is no PCI function. */
  readonly pci: PciDevice | undefined;
  readonly place: EndpointPlace;
  readonly endpoint: Endpoint;
}

/** Where the DMA engine has its magic number. */
const ENGINE_MAGIC_OFFSET = 0x14;
const ENGINE_MAGIC = 0x4e4f_4445;

/** Reads whichever description the platform has. */
export const readTopology = ({ deviceTree, viot }: Platform, faults: DriverFaults): Topology =>
  deviceTree === undefined ? readViot(viot, faults) : readDeviceTree(deviceTree, faults);

/** How to get at the registers of the IOMMU at `place`; undefined if there is nothing. */
export function iommuOpening(
  platform: Platform,
  place: IommuPlace,
  faults: DriverFaults,
): (() => DeviceRegisters | string) | undefined {
  if ('bdf' in place) {
    const found = platform.functions.find(({ address }) => address === place.bdf);
    return found && (() => openPciIommu(new PciDevice(found, faults), platform.doorbell(), faults));
  }
  const window = platform.windows?.find(({ address }) => address === place.window);
  return window && (() => openMmioIommu(window, faults));
}

/** Finds every device but the IOMMUs, as often as one asks. */
export class Discovery {
  readonly #platform: Platform;
  readonly #topology: Topology;
  readonly #faults: DriverFaults;
  readonly #known: KnownEndpoints;

  constructor(platform: Platform, topology: Topology, faults: DriverFaults) {
    this.#platform = platform;
    this.#topology = topology;
    this.#faults = faults;
    this.#known = new KnownEndpoints(topology, conventionalBuses(platform, faults), faults);
  }

  /** Those that share an ID at one IOMMU share an endpoint. */
  devices(): FoundDevice[] {
    return [
      ...pciDevices(this.#platform, this.#topology, this.#faults).map(({ name, pci, bus, described }) => ({
        name,
        pci,
        place: functionPlace(pci, this.#faults),
        endpoint: this.#known.endpointFor(name, described, bus),
      })),
      ...windowDevices(this.#platform, this.#topology, this.#faults).map(({ place, described }) => ({
        name: place.name,
        pci: undefined,
        place,
        endpoint: this.#known.endpointFor(place.name, described),
      })),
    ];
  }

  /** The endpoint is no more: what has its ID later is another. */
  forget(endpoint: Endpoint): void {
    this.#known.forget(endpoint);
  }
}

class KnownEndpoints {
  readonly #first: IommuPlace | undefined;
  readonly #groups: ReadonlyMap<number, IsolationGroup>;
  readonly #faults: DriverFaults;
  #endpoints: Endpoint[] = [];

  constructor({ iommus }: Topology, groups: ReadonlyMap<number, IsolationGroup>, faults: DriverFaults) {
    this.#first = iommus[0];
    this.#groups = groups;
    this.#faults = faults;
  }

  /** The one that is known by this ID at this IOMMU, or a new one. `bus` is undefined for what is no PCI function. */
  endpointFor(name: string, described: Described | undefined, bus?: number): Endpoint {
    const iommu = described && this.#faults.has('first-iommu-for-all') ? this.#first : described?.iommu;
    const id = described?.id;
    const apart = id === undefined || this.#faults.has('shared-id-in-two-domains');
    const known = apart ? undefined : this.#endpoints.find((endpoint) => this.#isSame(endpoint, iommu, id));
    if (known) return known;
    const group = (bus === undefined ? undefined : this.#groups.get(bus)) ?? { own: undefined };
    const endpoint: Endpoint = { name, id, iommu, regions: [], domain: undefined, group };
    this.#endpoints.push(endpoint);
    return endpoint;
  }

  forget(endpoint: Endpoint): void {
    this.#endpoints = this.#endpoints.filter((other) => other !== endpoint);
  }

  #isSame(endpoint: Endpoint, iommu: IommuPlace | undefined, id: number): boolean {
    return endpoint.id === id && (endpoint.iommu === iommu || this.#faults.has('same-id-taken-for-same-endpoint'));
  }
}

function pciDevices(
  { functions }: Platform,
  topology: Topology,
  faults: DriverFaults,
): {
  readonly name: string;
  readonly pci: PciDevice;
  readonly bus: number;
  readonly described: Described | undefined;
}[] {
  const found = [];
  for (const platformFunction of functions) {
    const { name, address } = platformFunction;
    const isItself = isIommu(topology, address);
    if (isItself && !faults.has('attaches-iommu-itself')) continue;
    const pci = new PciDevice(platformFunction, faults);
    if (!pci.isPresent() && !faults.has('attaches-absent-endpoint')) continue;
    const described = topology.functionAt(address);
    if ((isItself && described === undefined) || (pci.isPresent() && isBridge(pci))) continue;
    found.push({ name, pci, bus: address >> 8, described });
  }
  return found;
}

/** What is in windows and no IOMMU: virtio devices, and the engines that the description tells of. */
function windowDevices(
  { windows = [] }: Platform,
  topology: Topology,
  faults: DriverFaults,
): { readonly place: EndpointPlace; readonly described: Described | undefined }[] {
  const iommus = topology.iommus.flatMap((place) => ('window' in place ? [place.window] : []));
  return windows
    .filter(({ address }) => !iommus.includes(address))
    .flatMap((window) => {
      const described = topology.windowAt(window.address);
      const place = windowPlace(window, faults);
      if (place.deviceType !== undefined) return [{ place, described }];
      return described !== undefined && isEngine(window) ? [{ place, described }] : [];
    });
}

const isEngine = (window: PlatformWindow): boolean =>
  readThrough(4, (out) => window.readRegister(ENGINE_MAGIC_OFFSET, out)) === ENGINE_MAGIC;
