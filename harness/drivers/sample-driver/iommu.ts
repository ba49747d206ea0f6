/** Domains and attachments: what the device knows, and what this driver believes that it knows. */
import { DeferredUnmaps } from './deferred-unmaps.ts';
import { DomainMappings } from './domain-mappings.ts';
import { type Domain, DomainNumbers } from './domains.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { Endpoint } from './endpoint.ts';
import { EndpointProperties } from './endpoint-properties.ts';
import { BYPASS_CONFIG, MAP_UNMAP } from './features.ts';
import { DOWN, type IommuDevice } from './iommu-device.ts';
import type { Mapping } from './mapping-table.ts';
import { ATTACH_BYPASS, MAP_READ, RequestWriter } from './request-bytes.ts';

export class Iommu {
  readonly device: IommuDevice;
  readonly #faults: DriverFaults;
  readonly #writer: RequestWriter;
  readonly #numbers: DomainNumbers;
  readonly #domains = new Set<Domain>();
  /** Where endpoints are that nobody has, with a driver that never detaches. */
  #parking: Domain | string | undefined;
  readonly #deferred: DeferredUnmaps;
  readonly #properties: EndpointProperties;
  readonly mappings: DomainMappings;

  constructor(device: IommuDevice, faults: DriverFaults) {
    this.device = device;
    this.#faults = faults;
    this.#writer = new RequestWriter(device.ramStart, faults);
    this.#numbers = new DomainNumbers(faults);
    this.#deferred = new DeferredUnmaps(device, faults);
    this.#properties = new EndpointProperties(device, this.#writer, faults);
    this.mappings = new DomainMappings({
      device,
      writer: this.#writer,
      deferred: this.#deferred,
      domains: this.#domains,
      rebuild: (domain, gone) => this.#rebuild(domain, gone),
      faults,
    });
  }

  /** A new domain, which the device gets to know with its first endpoint. A sentence if there can be none. */
  createDomain(bypass: boolean): Domain | string {
    const { config } = this.device;
    if (!config) return DOWN;
    const offersBypass =
      this.device.hasFeature(BYPASS_CONFIG) || this.#faults.has('attach-bypass-flag-without-feature');
    if (bypass && !offersBypass) return 'the IOMMU has no bypass domains';
    const domain = this.#numbers.create(config, bypass);
    if (!domain) return 'no domain number is left';
    this.#domains.add(domain);
    return domain;
  }

  /** Forgets a domain that no endpoint is attached to. */
  dropDomain(domain: Domain): void {
    this.#domains.delete(domain);
    this.#numbers.release(domain);
  }

  /** Asks for the endpoint's properties. A sentence if the device gives none. */
  probe(endpoint: Endpoint): string | undefined {
    return this.#properties.probe(endpoint);
  }

  /** Moves an endpoint into a domain. A sentence if the device refuses: then it stays where it was. */
  attach(endpoint: Endpoint, domain: Domain): string | undefined {
    const { requests } = this.device;
    if (!requests || endpoint.id === undefined) return DOWN;
    const unreadable = this.#properties.objection(endpoint);
    if (unreadable !== undefined) return unreadable;
    if (endpoint.domain === domain && !this.#faults.has('attach-twice')) return undefined;
    const unfit = this.mappings.objection(domain, endpoint.regions);
    if (unfit !== undefined) return unfit;
    const isParked = domain === this.#parking;
    if (endpoint.domain && !isParked && this.#faults.has('detaches-before-attach')) this.detach(endpoint);
    if (this.#faults.has('probes-again')) this.probe(endpoint);
    if (this.#faults.has('map-before-attach') && domain.endpoints.size === 0) this.#mapTooEarly(domain);
    if (!this.#faults.has('attach-skipped')) {
      const request = this.#writer.attach(domain.number, endpoint.id, this.#attachFlags(domain));
      const result = requests.send(request);
      if (result.ok && this.#faults.has('attach-twice')) requests.send(request);
      if (!result.ok) {
        if (this.#faults.has('refused-move-empties-domain')) endpoint.domain?.endpoints.delete(endpoint);
        return result.says;
      }
    }
    this.#leave(endpoint);
    return this.#join(endpoint, domain);
  }

  /** Maps a granule of RAM one to one in a domain that the device does not know yet. */
  #mapTooEarly(domain: Domain): void {
    const { config, ramStart, requests } = this.device;
    if (config)
      requests?.send(this.#writer.map(domain.number, ramStart, ramStart + config.granule - 1n, ramStart, MAP_READ));
  }

  #attachFlags(domain: Domain): number {
    if (this.#faults.has('bypass-flag-always')) return ATTACH_BYPASS;
    if (this.#faults.has('attach-bypass-flag-without-feature') && !this.device.hasFeature(BYPASS_CONFIG)) {
      return ATTACH_BYPASS;
    }
    const joins = domain.endpoints.size > 0;
    if (joins && this.#faults.has('bypass-flag-dropped-on-join')) return 0;
    if (joins && this.#faults.has('bypass-flag-added-on-join')) return ATTACH_BYPASS;
    if (this.#faults.has('bypass-flag-forgotten')) return 0;
    return domain.bypass ? ATTACH_BYPASS : 0;
  }

  /** A domain begins without mappings, so those that the driver remembers have to be made again. */
  #join(endpoint: Endpoint, domain: Domain): string | undefined {
    const begins = domain.endpoints.size === 0;
    domain.endpoints.add(endpoint);
    endpoint.domain = domain;
    const replays = begins
      ? !this.#faults.has('mappings-believed-after-detach')
      : this.#faults.has('remaps-live-domain');
    const problem = replays ? this.mappings.replay(domain) : undefined;
    if (begins && this.#faults.has('maps-all-memory')) this.#mapEverything(domain);
    if (begins && this.#faults.has('maps-memory-and-registers-at-once')) this.#mapToEndOfMemory(domain);
    if (begins && this.#faults.has('unmap-without-feature') && !this.device.hasFeature(MAP_UNMAP)) this.#clear(domain);
    return problem;
  }

  #clear(domain: Domain): void {
    this.device.requests?.send(this.#writer.unmap(domain.number, 0n, 0xffff_ffff_ffff_ffffn, 1n));
  }

  #mapEverything(domain: Domain): void {
    for (const { start, length } of this.device.allMemory) this.mappings.map(domain, start, length, start, 'rw');
  }

  #mapToEndOfMemory(domain: Domain): void {
    const end = this.device.allMemory.reduce(
      (most, { start, length }) => (start + length > most ? start + length : most),
      0n,
    );
    this.device.requests?.send(this.#writer.map(domain.number, 0n, end - 1n, 0n, MAP_READ));
  }

  /** The endpoint is no more, and the device may know no more of it. `isLast`: nor is any other of its group. */
  forget(endpoint: Endpoint, isLast: boolean): void {
    const { group } = endpoint;
    this.#leave(endpoint);
    if (!isLast || !group.own || group.own.endpoints.size > 0) return;
    this.dropDomain(group.own);
    group.own = undefined;
  }

  #leave(endpoint: Endpoint): void {
    endpoint.domain?.endpoints.delete(endpoint);
    endpoint.domain = undefined;
  }

  /** Takes an endpoint out of its domain. A sentence if the device refuses. */
  detach(endpoint: Endpoint): string | undefined {
    const { requests } = this.device;
    const { domain } = endpoint;
    if (!requests || endpoint.id === undefined) return DOWN;
    if (!domain && !this.#faults.has('detach-never-attached')) return undefined;
    if (this.#faults.has('attach-skipped')) {
      this.#leave(endpoint);
      return undefined;
    }
    this.#deferred.flush();
    if (this.#faults.has('parks-instead-of-detach') && this.#park(endpoint)) return undefined;
    const request = this.#writer.detach(domain?.number ?? endpoint.group.own?.number ?? 0, endpoint.id);
    const result = requests.send(request);
    if (this.#faults.has('detach-twice')) requests.send(request);
    if (!result.ok && !this.#faults.has('detach-wrong-domain')) return result.says;
    this.#leave(endpoint);
    return undefined;
  }

  /** Attaches an endpoint to a domain in which nothing is ever mapped; false if there can be none. */
  #park(endpoint: Endpoint): boolean {
    this.#parking ??= this.createDomain(false);
    return typeof this.#parking !== 'string' && this.attach(endpoint, this.#parking) === undefined;
  }

  /** Takes a domain down and builds it up again without some of its mappings: it ends with its last endpoint (5.13.6.4). */
  #rebuild(domain: Domain, gone: readonly Mapping[]): string | undefined {
    const members = [...domain.endpoints];
    const problems = members.map((endpoint) => this.detach(endpoint));
    const stays = problems.find((problem) => problem !== undefined);
    if (stays === undefined) for (const mapping of gone) domain.mappings.remove(mapping);
    const { config } = this.device;
    const isNew = stays === undefined && this.#faults.has('domain-numbers-used-once');
    if (isNew && config && !this.#numbers.renew(domain, config)) return 'no domain number is left';
    const returns = members.map((endpoint) => this.attach(endpoint, domain));
    return stays ?? returns.find((problem) => problem !== undefined);
  }

  /** Sends the UNMAPs that were postponed. */
  flush(): void {
    this.#deferred.flush();
  }

  /** Resets a device that asked for it, and tells it everything again. A sentence if it does not come back. */
  recover(): string | undefined {
    this.#deferred.forget();
    this.device.stop();
    const problem = this.device.start();
    if (problem !== undefined || this.#faults.has('believes-state-after-reset')) return problem;
    for (const domain of this.#domains) {
      const members = [...domain.endpoints];
      for (const endpoint of members) this.#leave(endpoint);
      for (const endpoint of members) this.attach(endpoint, domain);
    }
    return undefined;
  }

  /** Resets the device and forgets everything. */
  stop(): void {
    this.#deferred.flush();
    this.device.stop();
    for (const domain of this.#domains) for (const endpoint of domain.endpoints) endpoint.domain = undefined;
    this.#domains.clear();
    this.#parking = undefined;
    this.#numbers.releaseAll();
    this.#properties.forget();
  }
}
