/** MAP and UNMAP: what is mapped in domains, as far as the driver knows. */
import type { DeferredUnmaps } from './deferred-unmaps.ts';
import type { Domain } from './domains.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { IommuConfig } from './iommu-config.ts';
import { DOWN, type IommuDevice } from './iommu-device.ts';
import { type Access, mapFlags, mapRefusal, placeRefusal, type Target, unmapRefusal } from './mapping-rules.ts';
import type { Mapping } from './mapping-table.ts';
import type { ReservedRegion } from './probe.ts';
import type { Request, RequestWriter } from './request-bytes.ts';

/** Longer ranges are mapped at once even by a driver that maps page by page. */
const MOST_PAGES = 64n;
/** Mappings of a domain that a driver with a small table remembers. */
const SMALL_TABLES = { 'table-cap-16': 16, 'table-cap-64': 64, 'table-cap-256': 256 } as const;
const LAST_ADDRESS = 0xffff_ffff_ffff_ffffn;

interface MappingParts {
  readonly device: IommuDevice;
  readonly writer: RequestWriter;
  readonly deferred: DeferredUnmaps;
  /** All that the device knows. */
  readonly domains: ReadonlySet<Domain>;
  /** Makes a domain anew without the mappings in `gone`. A sentence if that failed. */
  readonly rebuild: (domain: Domain, gone: readonly Mapping[]) => string | undefined;
  readonly faults: DriverFaults;
}

export class DomainMappings {
  readonly #parts: MappingParts;
  readonly #faults: DriverFaults;

  constructor(parts: MappingParts) {
    this.#parts = parts;
    this.#faults = parts.faults;
  }

  /** Why an endpoint with these regions cannot join the domain: it has a mapping that the endpoint must not have. */
  objection(domain: Domain, regions: readonly ReservedRegion[]): string | undefined {
    const { config } = this.#parts.device;
    if (!config || this.#faults.has('first-regions-only')) return undefined;
    for (const mapping of domain.mappings.all) {
      const refusal = placeRefusal(mapping, regions, config, this.#faults);
      if (refusal !== undefined) return `the domain has a mapping that the endpoint cannot have: ${refusal}`;
    }
    return undefined;
  }

  /** Makes the mappings that the driver remembers in a domain that has just begun. A sentence if one is refused. */
  replay(domain: Domain): string | undefined {
    const requests = domain.mappings.all.map((mapping) => this.#mapRequest(domain, mapping));
    const results = this.#parts.device.requests?.sendAll(requests) ?? [];
    return results.find(({ ok }) => !ok)?.says;
  }

  #mapRequest(domain: Domain, { start, end, physical, flags }: Mapping): Request {
    return this.#parts.writer.map(domain.number, start, end, physical, flags);
  }

  /** Maps `length` bytes at `start`. A sentence if that is not possible, or if the device refuses. */
  map(
    domain: Domain,
    start: bigint,
    length: bigint,
    physical: bigint,
    access: Access,
    target: Target = 'memory',
  ): string | undefined {
    const step = this.#stepOf(length);
    for (let done = 0n; done < length; done += step) {
      const problem = this.#mapPiece(domain, start + done, step, physical + done, { access, target });
      if (problem === undefined) continue;
      if (done > 0n) this.unmap(domain, start, start + done - 1n);
      return problem;
    }
    return undefined;
  }

  /** Bytes that one MAP covers: all, but for a driver that maps page by page. */
  #stepOf(length: bigint): bigint {
    const granule = this.#parts.device.config?.granule ?? length;
    const fits = length > granule && length <= MOST_PAGES * granule && length % granule === 0n;
    return fits && this.#faults.has('one-page-at-a-time') ? granule : length;
  }

  #mapPiece(
    domain: Domain,
    start: bigint,
    length: bigint,
    physical: bigint,
    { access, target }: { readonly access: Access; readonly target: Target },
  ): string | undefined {
    const { requests, config } = this.#parts.device;
    if (!requests || !config) return DOWN;
    this.#parts.deferred.flush();
    const end = start + length - 1n;
    const refusal = mapRefusal({ domain, start, end, physical }, config, this.#faults);
    if (refusal !== undefined) return refusal;
    const mapping: Mapping = {
      start,
      end,
      physical,
      flags: mapFlags(access, target, this.#parts.device, this.#faults),
    };
    if (this.#faults.has('map-never-sent')) {
      domain.mappings.add(mapping);
      return undefined;
    }
    const request = this.#mapRequest(domain, mapping);
    const result = requests.send(request);
    if (result.ok && this.#faults.has('map-twice')) requests.send(request);
    if (!result.ok && !this.#faults.has('attach-skipped')) {
      if (this.#faults.has('error-rolls-back-others')) this.#rollBackOthers(domain);
      return result.says;
    }
    if (domain.mappings.all.length < this.#tableSize) domain.mappings.add(mapping);
    return undefined;
  }

  /** Mappings of a domain that it has room for. */
  get #tableSize(): number {
    const sizes = Object.entries(SMALL_TABLES) as [keyof typeof SMALL_TABLES, number][];
    return sizes.find(([name]) => this.#faults.has(name))?.[1] ?? Infinity;
  }

  #rollBackOthers(domain: Domain): void {
    for (const other of this.#parts.domains) {
      if (other === domain) continue;
      for (const { start, end } of other.mappings.all.slice()) this.unmap(other, start, end);
    }
  }

  /** Removes the mappings in `start`..`end`. A sentence if it would cut one, or if the device refuses. */
  unmap(domain: Domain, start: bigint, end: bigint): string | undefined {
    const { requests, config } = this.#parts.device;
    if (!requests || !config) return DOWN;
    if (this.#overlooks(domain, start, end)) return undefined;
    const refusal = unmapRefusal({ domain, start, end }, config, this.#faults);
    if (refusal !== undefined) return refusal;
    const gone = domain.mappings.within(start, end);
    if (this.#faults.has('unmaps-by-teardown')) return this.#parts.rebuild(domain, gone);
    const ranges = this.#faults.has('one-page-at-a-time') ? gone : [{ start, end }];
    for (const range of this.#sendsNoUnmap(domain) ? [] : ranges) {
      const problem = this.#sendUnmap(domain, range.start, range.end, config);
      if (problem !== undefined) return problem;
    }
    // What waits for an UNMAP is not given out again.
    if (this.#faults.has('lazy-unmaps-dropped')) return undefined;
    for (const mapping of gone) domain.mappings.remove(mapping);
    return undefined;
  }

  /** Whether a driver with such a mistake thinks that nothing is mapped there. */
  #overlooks(domain: Domain, start: bigint, end: bigint): boolean {
    const isTop = end === LAST_ADDRESS && this.#faults.has('unmap-top');
    if (isTop) for (const mapping of domain.mappings.within(start, end)) domain.mappings.remove(mapping);
    return isTop || (this.#tableSize < Infinity && domain.mappings.within(start, end).length === 0);
  }

  #sendsNoUnmap(domain: Domain): boolean {
    const isEmpty = domain.endpoints.size === 0;
    return this.#faults.has('unmap-never-sent') || (isEmpty && this.#faults.has('refused-move-empties-domain'));
  }

  #sendUnmap(domain: Domain, start: bigint, end: bigint, config: IommuConfig): string | undefined {
    const request = this.#parts.writer.unmap(domain.number, start, end, config.granule);
    if (this.#faults.has('frees-before-unmap-completes')) {
      this.#parts.device.requests?.post(request);
      return undefined;
    }
    if (this.#parts.deferred.take(request)) return undefined;
    const result = this.#parts.device.requests?.send(request);
    if (this.#faults.has('unmap-twice')) this.#parts.device.requests?.send(request);
    if (this.#faults.has('unmap-first-granule-only') || this.#faults.has('unmap-last-granule-only')) return undefined;
    return result?.ok === false ? result.says : undefined;
  }

  /** Removes all mappings of a domain, several requests at a time. A sentence if the device keeps one of them. */
  unmapAll(domain: Domain): string | undefined {
    const { requests, config } = this.#parts.device;
    if (!requests || !config) return DOWN;
    const mappings = domain.mappings.all.slice();
    if (this.#faults.has('unmap-never-sent')) return undefined;
    if (this.#faults.has('unmaps-by-teardown') && mappings.length > 0) return this.#parts.rebuild(domain, mappings);
    const atOnce = mappings.length > 0 && this.#faults.has('unmaps-all-at-once');
    // What was postponed lies in that range as well.
    if (atOnce) this.#parts.deferred.flush();
    const ranges = atOnce ? [wholeGranules(config)] : mappings;
    const results = requests.sendAll(
      ranges.map(({ start, end }) => this.#parts.writer.unmap(domain.number, start, end, config.granule)),
    );
    for (const [index, mapping] of mappings.entries()) {
      if (results[atOnce ? 0 : index]?.ok) domain.mappings.remove(mapping);
    }
    return results.find(({ ok }) => !ok)?.says;
  }
}

/** What input_range holds, as far as it can be mapped. */
function wholeGranules({ inputStart, inputEnd, granule }: IommuConfig): {
  readonly start: bigint;
  readonly end: bigint;
} {
  const beyond = inputStart % granule;
  return {
    start: beyond === 0n ? inputStart : inputStart + granule - beyond,
    end: inputEnd - ((inputEnd + 1n) % granule),
  };
}
