/** What surrounds the drivers in a guest: finds the devices, starts and stops their drivers in order. */
import { Buffers } from './buffers.ts';
import { discover, iommuOpening, readTopology } from './discovery.ts';
import type { Domain } from './domains.ts';
import type { DriverFaults } from './driver-faults.ts';
import { EndpointManager, type ManagedEndpoint } from './endpoint-manager.ts';
import type { ReportedFault } from './events.ts';
import { Iommu } from './iommu.ts';
import { IommuDevice } from './iommu-device.ts';
import { PhysicalMemory } from './physical-memory.ts';
import type { Platform } from './platform.ts';
import type { Topology } from './topology.ts';

/** Faults that nobody has asked for are not kept without end. */
const MOST_FAULTS = 1024;

export class GuestKernel {
  readonly faults: DriverFaults;
  readonly memory: PhysicalMemory;
  readonly buffers: Buffers;
  readonly domains = new Map<string, Domain>();
  readonly endpoints = new Map<string, ManagedEndpoint>();
  readonly #platform: Platform;
  #iommu: Iommu | undefined;
  #manager: EndpointManager;
  #reported: ReportedFault[] = [];
  #isUp = false;
  /** A request has failed, and this driver wants nothing to do with such a device any more. */
  #isResigned = false;

  constructor(platform: Platform, faults: DriverFaults) {
    this.#platform = platform;
    this.faults = faults;
    this.memory = new PhysicalMemory(platform.memory);
    this.buffers = new Buffers(this.memory, faults);
    this.#manager = this.#managerFor(undefined);
  }

  /** Undefined unless the IOMMU is in use. */
  get iommu(): Iommu | undefined {
    return this.#iommu;
  }

  get manager(): EndpointManager {
    return this.#manager;
  }

  #managerFor(iommu: Iommu | undefined): EndpointManager {
    const { memory, faults, buffers } = this;
    return new EndpointManager({ iommu, memory, platform: this.#platform, faults, buffers });
  }

  /** Starts everything: the IOMMU first. A sentence if the IOMMU cannot be used. */
  start(): string | undefined {
    if (this.#isUp) return this.#iommu ? undefined : 'the IOMMU could not be brought up before';
    this.#isUp = true;
    if (this.#isResigned) return 'the IOMMU has refused a request before';
    const topology = readTopology(this.#platform, this.faults);
    if (this.faults.has('endpoint-before-iommu')) this.#startEndpointsBlindly(topology);
    const iommu = this.#startIommu(topology);
    this.#iommu = typeof iommu === 'string' ? undefined : iommu;
    this.#manager = this.#managerFor(this.#iommu);
    this.#startEndpoints(topology);
    if (this.faults.has('bypass-off-late')) this.#iommu?.device.turnBypassOff();
    this.#collectFaults();
    return typeof iommu === 'string' ? iommu : undefined;
  }

  #startIommu(topology: Topology): Iommu | string {
    const opening = iommuOpening(this.#platform, topology, this.faults);
    if (typeof opening === 'string') return opening;
    const device = new IommuDevice(opening, this.memory, this.#platform, this.faults);
    const problem = device.start();
    return problem ?? new Iommu(device, this.faults);
  }

  /** Behind an IOMMU that is not in use, a described endpoint could reach anything or nothing: it is left alone. */
  #startEndpoints(topology: Topology): void {
    for (const found of discover(this.#platform, topology, this.faults)) {
      const managed = this.#manager.manage(found);
      this.endpoints.set(managed.name, managed);
      if (!this.#iommu && managed.endpoint.id !== undefined) {
        if (this.faults.has('endpoints-without-iommu')) this.#manager.startUntranslated(managed);
        continue;
      }
      const problem = this.#manager.bringUp(managed);
      if (problem !== undefined) this.#platform.log(`${managed.name} is left alone: ${problem}`);
    }
  }

  #startEndpointsBlindly(topology: Topology): void {
    for (const found of discover(this.#platform, topology, this.faults)) {
      this.#manager.startUntranslated(this.#manager.manage(found));
    }
  }

  /** Does what the device asks for on its own: a reset, a look at its configuration, fault records. */
  attend(): void {
    const iommu = this.#iommu;
    if (!iommu) return;
    if (iommu.device.needsReset()) {
      this.#platform.log('the IOMMU needs a reset');
      const problem = iommu.recover();
      if (problem !== undefined) this.#platform.log(`the IOMMU does not come back: ${problem}`);
    }
    iommu.device.followConfig();
    this.#collectFaults();
  }

  #collectFaults(): void {
    const news = this.#iommu?.device.takeFaults() ?? [];
    this.#reported.push(...news.slice(0, MOST_FAULTS - this.#reported.length));
    if (!this.faults.has('fault-detaches-endpoint')) return;
    for (const { endpoint: id } of news) {
      const found = [...this.endpoints.values()].find(({ endpoint }) => endpoint.id === id);
      if (found?.endpoint.domain) this.#iommu?.detach(found.endpoint);
    }
  }

  /** Faults since the last call. */
  takeFaults(): ReportedFault[] {
    this.#collectFaults();
    const faults = this.#reported;
    this.#reported = [];
    return faults;
  }

  /** Stops everything: the IOMMU last. */
  stop(): void {
    this.#isResigned ||= this.faults.has('gives-up-for-good') && this.#iommu?.device.requests?.hasFailed === true;
    if (this.faults.has('stop-iommu-first')) this.#iommu?.device.stop();
    // A device at rest takes no UNMAP and no DETACH.
    this.#iommu?.device.resume();
    for (const domain of this.domains.values()) {
      if (domain.endpoints.size > 0 && !domain.bypass && !this.faults.has('stop-leaves-mappings')) {
        this.#iommu?.unmapAll(domain);
      }
    }
    for (const managed of this.endpoints.values()) {
      const problem = this.#manager.takeDown(managed, 'stop');
      if (problem !== undefined) this.#platform.log(`${managed.name}: ${problem}`);
    }
    this.#iommu?.stop();
    this.#iommu = undefined;
    this.#isUp = false;
    this.endpoints.clear();
    this.domains.clear();
    this.buffers.clear();
    this.memory.releaseAll();
    this.#reported = [];
  }
}
