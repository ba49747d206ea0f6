/** Which endpoint is in whose hands: its own driver's, a named domain's, or nobody's. */
import type { Buffers } from './buffers.ts';
import type { FoundDevice } from './discovery.ts';
import { type DmaSpace, TranslatedDma, untranslated } from './dma-space.ts';
import { DiskDriver } from './disk.ts';
import type { Domain } from './domains.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { EndpointDriver } from './endpoint-driver.ts';
import type { Endpoint } from './endpoint.ts';
import type { Iommu } from './iommu.ts';
import type { IsolationGroup } from './isolation.ts';
import { NetworkCardDriver } from './network-card.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Platform } from './platform.ts';
import { RngDriver } from './rng.ts';
import type { IommuPlace } from './topology.ts';

/** By the device type. */
const DRIVERS = new Map<number, typeof RngDriver | typeof DiskDriver | typeof NetworkCardDriver>([
  [1, NetworkCardDriver],
  [2, DiskDriver],
  [4, RngDriver],
]);

/** With these an endpoint's driver leaves something mapped when it is taken down. */
const KEEPING_FAULTS = [
  'rng-keeps-mapping',
  'rng-keeps-ring-mapping',
  'old-ring-stays-mapped',
  'in-flight-stays-mapped',
] as const;

export interface ManagedEndpoint extends FoundDevice {
  /** Where its own driver has memory mapped. */
  readonly space: DmaSpace;
  /** Undefined for a function that this driver cannot drive. */
  readonly own: EndpointDriver | undefined;
  /** Whether its own driver has it. */
  isOwned: boolean;
}

/** Why an endpoint's own driver is taken down. */
type Because = 'release' | 'unplug' | 'stop' | 'move';

export interface ManagerParts {
  /** Those in use. */
  readonly iommus: ReadonlyMap<IommuPlace, Iommu>;
  readonly memory: PhysicalMemory;
  readonly platform: Platform;
  readonly faults: DriverFaults;
  readonly buffers: Buffers;
}

export class EndpointManager {
  readonly #parts: ManagerParts;
  readonly #faults: DriverFaults;
  readonly #groups = new Map<IsolationGroup, readonly ManagedEndpoint[]>();
  /** Devices whose own drivers had to go because one of their group was moved. */
  readonly #displaced = new Set<ManagedEndpoint>();
  /** What PROBE said of endpoints that have been taken out, by their names. */
  readonly #lastRegions = new Map<string, Endpoint['regions']>();
  /** The last domain that was made for endpoints' own drivers. */
  readonly #ownDomains = new Map<Iommu, Domain>();
  /** The first described endpoint. */
  #first: Endpoint | undefined;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
    this.#faults = parts.faults;
  }

  /** The IOMMU that the endpoint is behind; undefined if there is none, or if it is not in use. */
  iommuOf({ iommu }: Endpoint): Iommu | undefined {
    return iommu && this.#parts.iommus.get(iommu);
  }

  /** Takes note of a device; nothing happens to it yet. */
  manage(found: FoundDevice): ManagedEndpoint {
    const { memory, platform } = this.#parts;
    const { endpoint, place } = found;
    this.#first ??= endpoint.id === undefined ? undefined : endpoint;
    const seenAs = endpoint.id === undefined && this.#faults.has('gap-translated') ? this.#first : endpoint;
    const iommu = seenAs && this.iommuOf(seenAs);
    const Driver = place.deviceType === undefined ? undefined : DRIVERS.get(place.deviceType);
    const managed: ManagedEndpoint = {
      ...found,
      space: iommu ? new TranslatedDma(iommu, seenAs, this.#faults) : untranslated,
      own: Driver && new Driver(place, memory, platform, this.#faults),
      isOwned: false,
    };
    this.#groups.set(endpoint.group, [...this.#groupOf(endpoint), managed]);
    return managed;
  }

  /** The devices that the IOMMU cannot tell apart, or cannot isolate from each other. */
  #groupOf({ group }: Endpoint): readonly ManagedEndpoint[] {
    return this.#groups.get(group) ?? [];
  }

  /** The endpoints that have to be where this one is, which comes first. */
  #companionsOf(endpoint: Endpoint): readonly Endpoint[] {
    if (this.#faults.has('group-left-behind')) return [endpoint];
    const attached = this.#groupOf(endpoint).map((member) => member.endpoint);
    return [...new Set([endpoint, ...attached.filter(({ domain }) => domain !== undefined)])];
  }

  /** The first sentence, if `act` says any. */
  #forAll(endpoint: Endpoint, act: (companion: Endpoint) => string | undefined): string | undefined {
    const problems = this.#companionsOf(endpoint).map(act);
    return problems.find((problem) => problem !== undefined);
  }

  /** Like `bringUp`, for a device that has come later, with the mistakes of drivers that do it late. */
  bringUpLate(managed: ManagedEndpoint): string | undefined {
    const { endpoint } = managed;
    if (this.#faults.has('plug-without-probe')) endpoint.regions = this.#lastRegions.get(managed.name) ?? [];
    if (endpoint.id !== undefined && this.#faults.has('plug-untranslated')) {
      managed.isOwned = true;
      return managed.own?.start(untranslated);
    }
    if (endpoint.id !== undefined && this.#faults.has('plug-without-attach')) {
      endpoint.domain = this.#first?.domain;
      endpoint.domain?.endpoints.add(endpoint);
      return this.#startOwnDriver(managed);
    }
    return this.bringUp(managed);
  }

  /**
   * The device is being taken out, or is gone: its own driver goes, and then it does. Whether its endpoint has gone with it;
   * devices that share an ID share one.
   */
  takeOut(managed: ManagedEndpoint): boolean {
    const { endpoint, name } = managed;
    const others = this.#groupOf(endpoint).filter((member) => member !== managed);
    const isLast = others.every((member) => member.endpoint !== endpoint);
    // Going down, it leaves its domain, unless others of its group are in it for their own drivers' sake.
    const stays = !managed.isOwned || others.some(({ isOwned }) => isOwned);
    const released = managed.isOwned ? this.takeDown(managed, 'unplug') : undefined;
    managed.pci?.disableBusMaster();
    const leaves = stays && isLast && !this.#faults.has('unplug-without-detach');
    const problem = leaves ? this.iommuOf(endpoint)?.detach(endpoint) : released;
    if (problem !== undefined) this.#parts.platform.log(`${name} is gone: ${problem}`);
    this.#lastRegions.set(name, endpoint.regions);
    this.#groups.set(endpoint.group, others);
    if (isLast) this.iommuOf(endpoint)?.forget(endpoint, others.length === 0);
    return isLast;
  }

  /** Probes the endpoint, gives it a domain, and starts its own driver. A sentence if it has to be left alone. */
  bringUp(managed: ManagedEndpoint): string | undefined {
    const { endpoint } = managed;
    if (endpoint.id === undefined) {
      return this.#faults.has('gap-left-alone') ? undefined : this.#startOwnDriver(managed);
    }
    if (this.#faults.has('bus-master-before-attach')) managed.pci?.enableBusMaster('endpoint');
    const isKnown = endpoint.domain !== undefined;
    const isRemembered = this.#faults.has('plug-without-probe') && this.#lastRegions.has(managed.name);
    const probesFirst =
      !isKnown && !isRemembered && !this.#faults.has('probe-after-attach') && !this.#faults.has('probe-after-map');
    if (probesFirst) {
      const problem = this.iommuOf(endpoint)?.probe(endpoint);
      if (problem !== undefined) return problem;
    }
    const problem = this.#attachToOwnDomain(managed);
    if (problem !== undefined) return this.#afterFailedAttach(managed, problem);
    const probesNow = this.#faults.has('probe-after-attach') || this.#faults.has('probes-after-attach-too');
    if (probesNow) this.iommuOf(endpoint)?.probe(endpoint);
    const started = this.#startOwnDriver(managed);
    if (this.#faults.has('probe-after-map')) this.iommuOf(endpoint)?.probe(endpoint);
    return started;
  }

  #attachToOwnDomain({ endpoint }: ManagedEndpoint): string | undefined {
    const iommu = this.iommuOf(endpoint);
    if (!iommu) return 'there is no IOMMU';
    const { group } = endpoint;
    if (!group.own) {
      const last = this.#ownDomains.get(iommu);
      const isShared = last && last.endpoints.size > 0 && this.#faults.has('one-domain-for-all-drivers');
      const domain = isShared ? last : iommu.createDomain(false);
      if (typeof domain === 'string') return domain;
      group.own = domain;
      this.#ownDomains.set(iommu, domain);
    }
    const { own } = group;
    if (this.#faults.has('detach-never-attached')) iommu.detach(endpoint);
    return this.#forAll(endpoint, (companion) => iommu.attach(companion, own));
  }

  #afterFailedAttach(managed: ManagedEndpoint, problem: string): string | undefined {
    const { endpoint } = managed;
    const { own } = endpoint.group;
    if (this.#faults.has('continues-after-error') && own) {
      own.endpoints.add(endpoint);
      endpoint.domain = own;
      return this.#startOwnDriver(managed);
    }
    if (this.#faults.has('endpoint-driven-after-failed-attach')) {
      managed.pci?.enableBusMaster('endpoint');
      return managed.own?.start(untranslated);
    }
    return problem;
  }

  #startOwnDriver(managed: ManagedEndpoint): string | undefined {
    managed.isOwned = true;
    managed.pci?.enableMemory('endpoint');
    managed.pci?.enableBusMaster('endpoint');
    return managed.own?.start(managed.space);
  }

  /** Starts an endpoint's driver with physical addresses, as if there were no IOMMU. */
  startUntranslated(managed: ManagedEndpoint): void {
    managed.own?.start(untranslated);
  }

  /** Takes the endpoint's own driver down: no mapping and no attachment is left. A sentence if one is. */
  takeDown(managed: ManagedEndpoint, because: Because): string | undefined {
    const { endpoint } = managed;
    const leaves = this.#leavesMappings(because);
    managed.own?.stop(leaves);
    managed.isOwned = false;
    managed.pci?.disableBusMaster();
    if (!leaves) this.#freeBuffers(managed);
    // A move needs no DETACH: the ATTACH that follows takes the endpoint out of its domain.
    if (because === 'move' || endpoint.id === undefined || !endpoint.domain) return undefined;
    // The others of its group still need the domain.
    if (this.#groupOf(endpoint).some(({ isOwned }) => isOwned)) return undefined;
    const forgets = leaves || this.#forgetsDetach(endpoint, because);
    if (forgets) return undefined;
    return this.#forAll(endpoint, (companion) => this.iommuOf(companion)?.detach(companion));
  }

  /** Lets the device access memory no more. */
  bringToRest({ own, pci }: ManagedEndpoint): void {
    own?.stop(true);
    pci?.disableBusMaster();
  }

  #leavesMappings(because: Because): boolean {
    if (because === 'release' || because === 'unplug') return this.#faults.has('release-leaves-mappings');
    return because === 'stop' && (this.#faults.has('stop-leaves-mappings') || this.#faults.has('stop-without-reset'));
  }

  /** Drivers that keep mappings keep the domain as well: with its last endpoint the mappings would go. */
  #forgetsDetach(endpoint: Endpoint, because: Because): boolean {
    if (because === 'stop') return this.#faults.has('detach-forgotten-on-stop');
    if (because === 'unplug' && this.#faults.has('unplug-without-detach')) return true;
    const keeps = KEEPING_FAULTS.some((name) => this.#faults.has(name));
    const isMapped = (endpoint.domain?.mappings.all.length ?? 0) > 0;
    return (keeps && isMapped) || (because === 'release' && this.#faults.has('detach-forgotten-on-release'));
  }

  #freeBuffers(managed: ManagedEndpoint): void {
    for (const [name, buffer] of this.#parts.buffers.mappedFor(managed.endpoint)) {
      const problem = managed.space.unmap(buffer.dma?.address ?? 0n, buffer.length);
      if (problem === undefined) this.#parts.buffers.remove(name);
    }
  }

  /** Moves the endpoint into a named domain. A sentence if it stays with its own driver, or where it was. */
  moveTo(managed: ManagedEndpoint, domain: Domain): string | undefined {
    const { endpoint } = managed;
    const iommu = this.iommuOf(endpoint);
    if (!iommu || endpoint.id === undefined) return `${managed.name} is not behind the IOMMU`;
    const leavesOthers = this.#faults.has('shared-id-moved-in-use');
    const owned = this.#groupOf(endpoint).filter(({ isOwned }) => isOwned);
    for (const member of owned.filter((it) => it === managed || !leavesOthers)) {
      const problem = this.takeDown(member, 'move');
      if (problem !== undefined) return problem;
      this.#displaced.add(member);
    }
    const problem = this.#forAll(endpoint, (companion) => iommu.attach(companion, domain));
    if (problem === undefined) managed.pci?.enableBusMaster('endpoint');
    else if (owned.length > 0) this.giveBack(managed);
    return problem;
  }

  /** Gives the endpoint back to its own driver, and those of its group to theirs. A sentence if that cannot be had. */
  giveBack(managed: ManagedEndpoint): string | undefined {
    const problem = this.#attachToOwnDomain(managed) ?? this.#startOwnDriver(managed);
    for (const member of this.#groupOf(managed.endpoint)) {
      if (this.#displaced.delete(member) && member !== managed && problem === undefined) this.#startOwnDriver(member);
    }
    return problem;
  }

  /** Takes the endpoint out of a named domain, to nowhere. */
  leaveNamed(managed: ManagedEndpoint): string | undefined {
    for (const { pci } of this.#groupOf(managed.endpoint)) pci?.disableBusMaster();
    return this.#forAll(managed.endpoint, (companion) => this.iommuOf(companion)?.detach(companion));
  }
}
