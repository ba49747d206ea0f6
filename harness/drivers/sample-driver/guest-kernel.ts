/** What surrounds the drivers in a guest: finds the devices, starts and stops their drivers in order. */
import { Buffers } from './buffers.ts';
import { SelfDescribedTopology } from './built-in-topology.ts';
import { Discovery, iommuOpening, readTopology } from './discovery.ts';
import type { DriverFaults } from './driver-faults.ts';
import { EndpointManager, type ManagedEndpoint } from './endpoint-manager.ts';
import type { ReportedFault } from './events.ts';
import { Iommu } from './iommu.ts';
import { IommuDevice } from './iommu-device.ts';
import type { NamedDomain } from './named-domains.ts';
import { Panic } from './panic.ts';
import { PAGE_SIZE, PhysicalMemory } from './physical-memory.ts';
import type { Platform } from './platform.ts';
import type { IommuPlace, Topology } from './topology.ts';

/** Faults that nobody has asked for are not kept without end. */
const MOST_FAULTS = 1024;

export class GuestKernel {
  readonly faults: DriverFaults;
  readonly memory: PhysicalMemory;
  readonly buffers: Buffers;
  readonly domains = new Map<string, NamedDomain>();
  readonly endpoints = new Map<string, ManagedEndpoint>();
  readonly #platform: Platform;
  #iommus: ReadonlyMap<IommuPlace, Iommu> = new Map();
  #manager: EndpointManager;
  #reported: ReportedFault[] = [];
  #isUp = false;
  /** Undefined before the first start. */
  #discovery: Discovery | undefined;
  /** A request has failed, and this driver wants nothing to do with such a device any more. */
  #isResigned = false;

  constructor(platform: Platform, faults: DriverFaults) {
    this.#platform = platform;
    this.faults = faults;
    this.memory = new PhysicalMemory(platform.memory);
    this.buffers = new Buffers(this.memory, faults);
    this.#manager = this.#managerFor();
  }

  /** Those that are in use, in the order of the platform's description. */
  get iommus(): readonly Iommu[] {
    return [...this.#iommus.values()];
  }

  get manager(): EndpointManager {
    return this.#manager;
  }

  #managerFor(): EndpointManager {
    const { memory, faults, buffers } = this;
    return new EndpointManager({ iommus: this.#iommus, memory, platform: this.#platform, faults, buffers });
  }

  /** Starts everything: the IOMMUs first. A sentence if one of them cannot be used; the others are in use all the same. */
  start(): string | undefined {
    if (this.#isUp) return this.#iommus.size > 0 ? undefined : 'the IOMMU could not be brought up before';
    this.#isUp = true;
    if (this.#isResigned) return 'the IOMMU has refused a request before';
    const topology = this.#readTopology();
    const discovery = new Discovery(this.#platform, topology, this.faults);
    this.#discovery = discovery;
    if (this.faults.has('endpoint-before-iommu')) this.#startEndpointsBlindly(discovery);
    const problem = this.#startIommus(topology);
    this.#manager = this.#managerFor();
    this.#startEndpoints(discovery);
    if (this.faults.has('bypass-off-late')) for (const { device } of this.iommus) device.turnBypassOff();
    this.#collectFaults();
    return problem;
  }

  #readTopology(): Topology {
    if (this.#platform.iommusDescribeThemselves) return new SelfDescribedTopology(this.#platform, this.faults);
    return readTopology(this.#platform, this.faults);
  }

  /** Brings up every IOMMU that is there. A sentence if one does not come up, or if there is none. */
  #startIommus(topology: Topology): string | undefined {
    const up = new Map<IommuPlace, Iommu>();
    const problems: string[] = [];
    let isAnywhere = false;
    for (const place of topology.iommus) {
      const opening = iommuOpening(this.#platform, place, this.faults);
      if (opening === undefined || (isAnywhere && this.faults.has('first-iommu-only'))) continue;
      isAnywhere = true;
      const device = new IommuDevice(opening, this.memory, this.#platform, this.faults);
      const problem = device.start();
      if (topology instanceof SelfDescribedTopology) topology.learn(place, device.selfDescription);
      if (problem !== undefined) problems.push(problem);
      else up.set(place, new Iommu(device, this.faults));
    }
    const [first, ...others] = up.values();
    if (this.faults.has('config-of-first-iommu')) for (const { device } of others) device.adoptConfig(first?.device);
    this.#iommus = problems.length > 0 && this.faults.has('one-iommu-lost-all-lost') ? new Map() : up;
    return isAnywhere ? problems[0] : 'the topology names no IOMMU that is there';
  }

  /** Behind an IOMMU that is not in use, a described endpoint could reach anything or nothing: it is left alone. */
  #startEndpoints(discovery: Discovery): void {
    for (const found of discovery.devices()) {
      const managed = this.#manager.manage(found);
      this.endpoints.set(managed.name, managed);
      if (managed.endpoint.id !== undefined && !this.#manager.iommuOf(managed.endpoint)) {
        if (this.faults.has('endpoints-without-iommu')) this.#manager.startUntranslated(managed);
        continue;
      }
      const problem = this.#manager.bringUp(managed);
      if (problem !== undefined) this.#platform.log(`${managed.name} is left alone: ${problem}`);
    }
  }

  /** Finds what has come into an empty slot and starts its driver. A sentence if nothing is there, or if it cannot be used. */
  plug(name: string): string | undefined {
    if (this.endpoints.has(name)) return undefined;
    const devices = this.#isUp ? this.#discovery?.devices() : undefined;
    const found = devices?.find((device) => device.name === name);
    if (!found) return `nothing is there that could be ${name}`;
    const iommu = this.#manager.iommuOf(found.endpoint);
    if (iommu !== undefined && iommu.device.requests === undefined) return 'the IOMMU takes no requests';
    const managed = this.#manager.manage(found);
    this.endpoints.set(name, managed);
    return this.#manager.bringUpLate(managed);
  }

  /** Takes the driver of an endpoint down, and forgets the endpoint; the device may be gone already. */
  unplug(name: string): void {
    const managed = this.endpoints.get(name);
    if (!managed || this.faults.has('unplugged-endpoint-kept')) return;
    if (this.#manager.takeOut(managed)) this.#discovery?.forget(managed.endpoint);
    this.endpoints.delete(name);
  }

  #startEndpointsBlindly(discovery: Discovery): void {
    for (const found of discovery.devices()) {
      this.#manager.startUntranslated(this.#manager.manage(found));
    }
  }

  /** Does what the devices ask for on their own: a reset, a look at the configuration, fault records; and what was postponed. */
  attend(): void {
    for (const iommu of this.iommus) {
      if (iommu.device.isGone()) continue;
      iommu.device.serveLine();
      if (iommu.device.needsReset()) {
        this.#platform.log('an IOMMU needs a reset');
        const problem = iommu.recover();
        if (problem !== undefined) this.#platform.log(`an IOMMU does not come back: ${problem}`);
      }
      iommu.device.followConfig();
      iommu.flush();
    }
    this.#collectFaults();
  }

  #collectFaults(): void {
    for (const iommu of this.iommus) {
      const news = iommu.device.takeFaults();
      this.#reported.push(...news.slice(0, MOST_FAULTS - this.#reported.length));
      for (const { endpoint: id, address } of news) {
        const found = [...this.endpoints.values()].find(
          ({ endpoint }) => endpoint.id === id && this.#manager.iommuOf(endpoint) === iommu,
        );
        const domain = found?.endpoint.domain;
        if (this.faults.has('panics-on-strange-fault') && !domain)
          throw new Panic('crashed', `a fault of endpoint ${id}`);
        if (!found || !domain) continue;
        if (this.faults.has('fault-detaches-endpoint')) iommu.detach(found.endpoint);
        if (this.faults.has('fault-maps-page') && address !== undefined) {
          const page = address & -BigInt(PAGE_SIZE);
          const zeroes = this.memory.allocate(PAGE_SIZE);
          if (zeroes) iommu.mappings.map(domain, page, BigInt(PAGE_SIZE), zeroes.physical, 'r');
        }
      }
    }
  }

  /** Faults since the last call. */
  takeFaults(): ReportedFault[] {
    this.#collectFaults();
    const faults = this.#reported;
    this.#reported = [];
    return faults;
  }

  /** Brings every device to rest, the IOMMUs last. What they have had stays theirs until `stop`. */
  shutdown(): void {
    if (this.faults.has('shutdown-does-nothing')) return;
    for (const iommu of this.faults.has('shutdown-iommu-first') ? this.iommus : []) iommu.stop();
    for (const managed of this.faults.has('shutdown-leaves-endpoints') ? [] : this.endpoints.values()) {
      this.#manager.bringToRest(managed);
    }
    for (const iommu of this.faults.has('shutdown-leaves-iommu') ? [] : this.iommus) iommu.stop();
    this.#iommus = new Map();
    this.#isUp = false;
    this.endpoints.clear();
    this.domains.clear();
  }

  /** Stops everything: the IOMMUs last. */
  stop(): void {
    this.#isResigned ||=
      this.faults.has('gives-up-for-good') && this.iommus.some(({ device }) => device.requests?.hasFailed === true);
    for (const { device } of this.iommus) {
      if (this.faults.has('stop-iommu-first')) device.stop();
      // A device at rest takes no UNMAP and no DETACH.
      device.resume();
    }
    if (!this.faults.has('stop-leaves-mappings')) for (const domain of this.domains.values()) domain.unmapAll();
    for (const managed of this.endpoints.values()) {
      const problem = this.#manager.takeDown(managed, 'stop');
      if (problem !== undefined) this.#platform.log(`${managed.name}: ${problem}`);
    }
    for (const iommu of this.iommus) iommu.stop();
    this.#iommus = new Map();
    this.#isUp = false;
    this.endpoints.clear();
    this.domains.clear();
    this.buffers.clear();
    this.memory.releaseAll();
    this.#reported = [];
  }
}
