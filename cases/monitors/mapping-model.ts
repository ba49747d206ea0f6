import type { EventOf, RequestFields, RequestName } from '../api/index.ts';

/** What one MAP made. Both ends inclusive. */
export interface Mapping {
  readonly virt_start: bigint;
  readonly virt_end: bigint;
}

export interface ModelDomain {
  readonly id: number;
  /** Made by an ATTACH with the BYPASS flag. */
  readonly bypass: boolean;
  readonly endpoints: Set<number>;
  /** By virt_start; they never overlap. */
  readonly mappings: Mapping[];
  /** False once a request was handled whose outcome nobody saw: nothing is judged by this domain any more. */
  certain: boolean;
}

type Request = Pick<EventOf<'request'>, 'name' | 'fields' | 'complete'>;
type Completion = Pick<EventOf<'completion'>, 'status' | 'honestStatus' | 'fault'>;

/** What became of a request. */
type Effect = 'carried-out' | 'nothing' | 'unknown';

/**
 * The reference device carries out what it answers with OK on its own account, and nothing else. Where a device fault
 * kept it from carrying a good request out, or no answer came, it is open what the driver takes for done: whether it
 * should have known is for the case that switched the fault on, and nothing else is to be concluded from it.
 */
export function effectOf(completion: Completion | undefined): Effect {
  if (completion === undefined || completion.honestStatus !== undefined) return 'unknown';
  if (completion.status === undefined && completion.fault !== undefined) return 'unknown';
  // Some drivers take a used length that cannot be for a failure, some do not look at it.
  if (completion.status === 0 && completion.fault?.includes('used-length') === true) return 'unknown';
  return completion.status === 0 ? 'carried-out' : 'nothing';
}

/** Index of the first mapping that ends at or behind `address`. */
function firstEndingFrom(mappings: readonly Mapping[], address: bigint): number {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mappings[middle]!.virt_end < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The mapping that `address` lies in. */
export function mappingAt({ mappings }: ModelDomain, address: bigint): Mapping | undefined {
  const mapping = mappings[firstEndingFrom(mappings, address)];
  return mapping && mapping.virt_start <= address ? mapping : undefined;
}

/** Mappings that lie wholly in the range, both ends inclusive. */
export function mappingsWithin({ mappings }: ModelDomain, virt_start: bigint, virt_end: bigint): Mapping[] {
  const found: Mapping[] = [];
  for (let at = firstEndingFrom(mappings, virt_start); at < mappings.length; at++) {
    const mapping = mappings[at]!;
    if (mapping.virt_end > virt_end) break;
    if (mapping.virt_start >= virt_start) found.push(mapping);
  }
  return found;
}

/** Domains, endpoints and mappings as the requests of one session have made them. Feed it every request in order. */
export class MappingModel {
  readonly #domains = new Map<number, ModelDomain>();
  readonly #domainOf = new Map<number, number>();
  readonly #ended = new Set<number>();
  readonly #uncertainEndpoints = new Set<number>();

  domain(id: number): ModelDomain | undefined {
    return this.#domains.get(id);
  }

  /** The domain that the endpoint is attached to; undefined if to none. */
  domainOf(endpoint: number): number | undefined {
    return this.#domainOf.get(endpoint);
  }

  /** Whether it is known where the endpoint is. */
  knows(endpoint: number): boolean {
    return !this.#uncertainEndpoints.has(endpoint);
  }

  /** True if any endpoint's place is unknown, so that a domain may exist which this model does not have. */
  get doubtful(): boolean {
    return this.#uncertainEndpoints.size > 0;
  }

  /** Whether the domain existed once and its last endpoint has left it. */
  hasEnded(id: number): boolean {
    return this.#ended.has(id) && !this.#domains.has(id);
  }

  /** The endpoint was pulled out, or another put in its place. What becomes of a domain that it was alone in is open. */
  replace(endpoint: number): void {
    const id = this.#domainOf.get(endpoint);
    this.#detach(endpoint);
    if (id !== undefined) this.#ended.delete(id);
    this.#uncertainEndpoints.add(endpoint);
  }

  apply(request: Request, completion: Completion | undefined): void {
    if (request.name === undefined || !request.complete) return;
    const effect = effectOf(completion);
    if (effect === 'carried-out') this.#carryOut(request.name, request.fields);
    else if (effect === 'unknown') this.#doubt(request.name, request.fields);
  }

  #carryOut(name: RequestName, fields: RequestFields): void {
    const { domain = 0, endpoint = 0, virt_start = 0n, virt_end = 0n, flags = 0 } = fields;
    if (name === 'ATTACH') this.#attach(endpoint, domain, (flags & 1) === 1);
    else if (name === 'DETACH') this.#detach(endpoint);
    else if (name === 'MAP') this.#map(domain, { virt_start, virt_end });
    else if (name === 'UNMAP') this.#unmap(domain, virt_start, virt_end);
  }

  #attach(endpoint: number, id: number, bypass: boolean): void {
    this.#uncertainEndpoints.delete(endpoint);
    if (this.#domainOf.get(endpoint) === id) return;
    this.#detach(endpoint);
    let domain = this.#domains.get(id);
    if (domain === undefined) {
      domain = { id, bypass, endpoints: new Set(), mappings: [], certain: true };
      this.#domains.set(id, domain);
    }
    domain.endpoints.add(endpoint);
    this.#domainOf.set(endpoint, id);
  }

  #detach(endpoint: number): void {
    const id = this.#domainOf.get(endpoint);
    if (id === undefined) return;
    this.#domainOf.delete(endpoint);
    const domain = this.#domains.get(id);
    domain?.endpoints.delete(endpoint);
    if (domain?.endpoints.size !== 0) return;
    this.#domains.delete(id);
    this.#ended.add(id);
  }

  #map(id: number, mapping: Mapping): void {
    const domain = this.#domains.get(id);
    domain?.mappings.splice(firstEndingFrom(domain.mappings, mapping.virt_start), 0, mapping);
  }

  #unmap(id: number, virt_start: bigint, virt_end: bigint): void {
    const domain = this.#domains.get(id);
    if (domain === undefined) return;
    const gone = mappingsWithin(domain, virt_start, virt_end);
    if (gone.length > 0) domain.mappings.splice(firstEndingFrom(domain.mappings, virt_start), gone.length);
  }

  #doubt(name: RequestName, { domain, endpoint }: RequestFields): void {
    if (name === 'PROBE') return;
    const touched = [domain, endpoint === undefined ? undefined : this.#domainOf.get(endpoint)];
    for (const id of touched) {
      const existing = id === undefined ? undefined : this.#domains.get(id);
      if (existing) existing.certain = false;
    }
    if (endpoint !== undefined) this.#uncertainEndpoints.add(endpoint);
  }
}
