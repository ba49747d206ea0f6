/** What a driver has confirmed to its users: what is mapped in each domain, and for whom. */
import { type Domain, type EventOf, isMappedThrough, mappingAt, type Mapping } from '../api/index.ts';
import { overlaps, ownDomain, type Range, rangeOf } from './grants.ts';

const READ = 1;
const WRITE = 2;

/** A range that the driver has confirmed to be mapped. */
export interface Confirmed extends Range {
  /** Flags that its mappings need. */
  readonly flags: number;
}

/** What an answer confirms of a range: that it is mapped now, or no longer. */
export interface Change extends Range {
  readonly what: 'made' | 'removed';
  readonly domain: string;
  /** Flags of what was asked for; 0 where it was removed. */
  readonly flags: number;
}

const FLAGS: Readonly<Record<string, number>> = { r: READ, w: WRITE, rw: READ | WRITE };

/** Both ends of each range belong to it. An endpoint of which a buffer is allocated is a domain of its own. */
export class ConfirmedMappings {
  readonly #confirmed = new Map<string, Confirmed[]>();
  /** Of domains that no endpoint is in; a driver may forget these, or keep them for endpoints to come. */
  readonly #left = new Map<string, readonly Confirmed[]>();
  /** Ranges of which it is open what became of them, since the driver has refused. */
  readonly #open = new Map<string, Range[]>();
  readonly #buffers = new Map<string, Range>();
  readonly #domainOf = new Map<string, string>();

  /** Takes a command with its answer in. What that confirms, if it is about a range. */
  apply({ args, ...asked }: EventOf<'verb'>, { outcome, verb, values }: EventOf<'answer'>): Change | undefined {
    if (verb !== asked.verb || outcome === 'skip') return undefined;
    const { endpoint = '', domain = '', buffer = '' } = args;
    const length = BigInt(args['length'] ?? 0);
    const isOk = outcome === 'ok';
    const flags = FLAGS[args['access'] ?? ''] ?? 0;
    if (verb === 'attach') this.#move(endpoint, isOk ? domain : undefined);
    if (verb === 'detach' || verb === 'release' || verb === 'unplug') this.#move(endpoint, undefined);
    if (verb === 'end-domain' && isOk) for (const map of [this.#confirmed, this.#left, this.#open]) map.delete(domain);
    if (verb === 'map') return this.#map(domain, rangeOf(args['iova'], length), flags, isOk);
    if (verb === 'unmap') return this.#unmap(domain, rangeOf(args['iova'], length), isOk);
    if (verb === 'alloc' && isOk) {
      const range = rangeOf(values['iova'], length);
      if (range) this.#buffers.set(`${endpoint} ${buffer}`, range);
      return this.#map(ownDomain(endpoint), range, flags, true);
    }
    if (verb === 'free') return this.#unmap(ownDomain(endpoint), this.#buffers.get(`${endpoint} ${buffer}`), isOk);
    return undefined;
  }

  /** All is open: the driver has begun or ended, or its IOMMU was reset. */
  forget(): void {
    for (const map of [this.#confirmed, this.#left, this.#open, this.#buffers, this.#domainOf]) map.clear();
  }

  /** The domain that the endpoint is in by command, or its own. */
  domainFor(endpoint: string): string {
    return this.#domainOf.get(endpoint) ?? ownDomain(endpoint);
  }

  /** Ranges that the driver has confirmed and that are not mapped in `actual` as they were asked for. */
  missingIn(actual: Pick<Domain, 'mappings'>, domain: string): readonly Confirmed[] {
    return this.#confirmed.get(domain)?.filter((range) => !isMapped(actual, range)) ?? [];
  }

  /**
   * A domain has an endpoint again, and is `actual` now. What had been mapped in it counts as confirmed if it is all there;
   * the ranges that are not, if others are.
   */
  returned(actual: Pick<Domain, 'mappings'>, domain: string): readonly Confirmed[] {
    const left = this.#left.get(domain) ?? [];
    this.#left.delete(domain);
    const missing = left.filter((range) => !isMapped(actual, range));
    if (missing.length === 0) this.#confirmed.set(domain, [...left, ...(this.#confirmed.get(domain) ?? [])]);
    return missing.length < left.length ? missing : [];
  }

  /** A mapping of `actual` in what was removed, where nobody has been granted anything else. */
  stillIn(actual: Pick<Domain, 'mappings'>, removed: Change): Mapping | undefined {
    const others = [...(this.#confirmed.get(removed.domain) ?? []), ...(this.#open.get(removed.domain) ?? [])];
    return actual.mappings.find((mapping) => {
      const range = { start: mapping.virt_start, end: mapping.virt_end };
      return overlaps(range, removed) && !others.some((other) => overlaps(range, other));
    });
  }

  #map(domain: string, range: Range | undefined, flags: number, isOk: boolean): Change | undefined {
    if (range === undefined) return undefined;
    if (isOk) this.#confirmed.set(domain, [...this.#without(domain, range), { ...range, flags }]);
    else this.#open.set(domain, [...(this.#open.get(domain) ?? []), range]);
    return isOk ? { ...range, what: 'made', domain, flags } : undefined;
  }

  #unmap(domain: string, range: Range | undefined, isOk: boolean): Change | undefined {
    if (range === undefined) return undefined;
    const isElsewhere = (other: Range): boolean => !overlaps(other, range);
    this.#confirmed.set(domain, this.#without(domain, range));
    this.#left.set(domain, (this.#left.get(domain) ?? []).filter(isElsewhere));
    if (isOk) this.#open.set(domain, (this.#open.get(domain) ?? []).filter(isElsewhere));
    else this.#open.set(domain, [...(this.#open.get(domain) ?? []), range]);
    return isOk ? { ...range, what: 'removed', domain, flags: 0 } : undefined;
  }

  #without(domain: string, range: Range): Confirmed[] {
    return (this.#confirmed.get(domain) ?? []).filter((other) => !overlaps(other, range));
  }

  #move(endpoint: string, domain: string | undefined): void {
    const old = this.domainFor(endpoint);
    if (old === domain) return;
    if (domain === undefined) this.#domainOf.delete(endpoint);
    else this.#domainOf.set(endpoint, domain);
    if (old === ownDomain(endpoint)) this.#confirmed.delete(old);
    const isEmpty = ![...this.#domainOf.values()].includes(old);
    if (!isEmpty || old === ownDomain(endpoint)) return;
    this.#left.set(old, [...(this.#left.get(old) ?? []), ...(this.#confirmed.get(old) ?? [])]);
    this.#confirmed.delete(old);
  }
}

/** A mapping of `actual` in what was made, with a kind of access that was not asked for. */
export function excessIn(actual: Pick<Domain, 'mappings'>, { start, end, flags }: Change): Mapping | undefined {
  for (let at = start; at <= end; ) {
    const mapping = mappingAt(actual, at);
    if (mapping === undefined) return undefined;
    if ((mapping.flags & ~flags & (READ | WRITE)) !== 0) return mapping;
    at = mapping.virt_end + 1n;
  }
  return undefined;
}

const isMapped = (actual: Pick<Domain, 'mappings'>, { start, end, flags }: Confirmed): boolean =>
  isMappedThrough(actual, start, end, flags);
