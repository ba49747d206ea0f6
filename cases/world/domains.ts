/** The domains of one IOMMU as requests and answers have made them, between two resets of it. */
import type { Blur } from '../../reference-device/device-faults.ts';
import type { EventOf, RequestFields, RequestName } from '../../reference-device/trace-events.ts';
import { isStruck } from './blurs.ts';

/** What one MAP made. Both ends inclusive. */
export interface Mapping {
  readonly virt_start: bigint;
  readonly virt_end: bigint;
  readonly phys_start: bigint;
  readonly flags: number;
  /** `seq` of the MAP. */
  readonly madeBy: number;
}

/** What is mapped, in the order of virt_start; mappings never overlap. */
interface Mapped {
  readonly mappings: readonly Mapping[];
}

export interface Domain extends Mapped {
  readonly id: number;
  /** Made by an ATTACH with the BYPASS flag. */
  readonly bypass: boolean;
  readonly endpoints: Set<number>;
  readonly mappings: Mapping[];
  /** False once a request was handled of which it cannot be told what became: nothing can be told of the domain any more. */
  certain: boolean;
}

type Request = Pick<EventOf<'request'>, 'name' | 'fields' | 'complete' | 'seq'>;
type Completion = Pick<EventOf<'completion'>, 'status' | 'honestStatus' | 'fault'>;

/** What became of a request, as its driver can know. */
export type Effect = 'carried-out' | 'nothing' | 'unknown';

/**
 * The reference device carries out what it answers with OK on its own account, and nothing else. Where a deviation kept it from
 * carrying a good request out or garbled the answer, or no answer came, it is open what the driver takes for done: whether it
 * should have known is for the case that switched the deviation on, and nothing else is to be concluded from it.
 */
export function effectOf(completion: Completion | undefined): Effect {
  if (completion === undefined || completion.honestStatus !== undefined) return 'unknown';
  if (isStruck(completion, 'request') && (completion.status ?? 0) === 0) return 'unknown';
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
export function mappingAt({ mappings }: Mapped, address: bigint): Mapping | undefined {
  const mapping = mappings[firstEndingFrom(mappings, address)];
  return mapping && mapping.virt_start <= address ? mapping : undefined;
}

/** Mappings that lie wholly in the range, both ends inclusive. */
export function mappingsWithin({ mappings }: Mapped, virt_start: bigint, virt_end: bigint): Mapping[] {
  const found: Mapping[] = [];
  for (let at = firstEndingFrom(mappings, virt_start); at < mappings.length; at++) {
    const mapping = mappings[at]!;
    if (mapping.virt_end > virt_end) break;
    if (mapping.virt_start >= virt_start) found.push(mapping);
  }
  return found;
}

/** Whether mappings lead from the first byte of the range to the last, and have all of `flags`. Both ends inclusive. */
export function isMappedThrough(domain: Mapped, start: bigint, end: bigint, flags = 0): boolean {
  for (let at = start; at <= end; ) {
    const mapping = mappingAt(domain, at);
    if (mapping === undefined || (mapping.flags & flags) !== flags) return false;
    at = mapping.virt_end + 1n;
  }
  return true;
}

/** Feed it every request in the order in which the device took them. */
export class Domains {
  readonly #blurs: ReadonlySet<Blur>;
  readonly #domains = new Map<number, Domain>();
  readonly #domainOf = new Map<number, number>();
  readonly #ended = new Set<number>();
  readonly #uncertainEndpoints = new Set<number>();
  /** Endpoints that have come and have not been named in ATTACH. */
  readonly #newcomers = new Set<number>();
  #isLost = false;

  /** `blurs`: what the machine's deviations make uncertain. */
  constructor(blurs: ReadonlySet<Blur> = new Set()) {
    this.#blurs = blurs;
  }

  /** The domain with this ID; undefined if there is none, or if that cannot be told (`doubtful`). */
  domain(id: number): Domain | undefined {
    return this.#isLost ? undefined : this.#domains.get(id);
  }

  /** Every domain that is there, as far as that can be told. */
  get all(): Iterable<Domain> {
    return this.#isLost ? [] : this.#domains.values();
  }

  /** The domain that the endpoint is attached to; undefined if to none, or if that cannot be told (`knows`). */
  domainOf(endpoint: number): number | undefined {
    return this.#isLost ? undefined : this.#domainOf.get(endpoint);
  }

  /** The domain that the endpoint is attached to, with what is in it; undefined as for `domainOf`. */
  around(endpoint: number): Domain | undefined {
    return this.domain(this.domainOf(endpoint) ?? -1);
  }

  /** Whether it is known where the endpoint is. */
  knows(endpoint: number): boolean {
    return !this.#isLost && (!this.#uncertainEndpoints.has(endpoint) || this.#newcomers.has(endpoint));
  }

  /** True if any endpoint's place is unknown, so that a domain may exist which is not known here. */
  get doubtful(): boolean {
    return this.#isLost || this.#uncertainEndpoints.size > 0;
  }

  /** Whether the domain existed once and its last endpoint has left it. */
  hasEnded(id: number): boolean {
    return this.#ended.has(id) && !this.#domains.has(id);
  }

  /** Whether no endpoint is in any domain, for certain. */
  get isEmpty(): boolean {
    return this.#domains.size === 0 && !this.doubtful;
  }

  /** Whether nothing can be told any more. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** From here on nothing can be told. */
  lose(): void {
    this.#isLost = true;
  }

  /** The endpoint was pulled out. What becomes of a domain that it was alone in is open. */
  remove(endpoint: number): void {
    const id = this.#domainOf.get(endpoint);
    this.#detach(endpoint);
    if (id !== undefined) this.#ended.delete(id);
    this.#newcomers.delete(endpoint);
    this.#uncertainEndpoints.add(endpoint);
  }

  /** An endpoint was put in its place. It is in no domain, whatever became of one that its predecessor was in. */
  add(endpoint: number): void {
    this.remove(endpoint);
    this.#newcomers.add(endpoint);
  }

  apply(request: Request, completion: Completion | undefined): void {
    if (request.name === undefined || !request.complete) return;
    const effect = this.#effectOf(request, completion);
    if (effect === 'carried-out') this.#carryOut(request);
    else if (effect === 'unknown') this.#doubt(request.name, request.fields);
  }

  /** As `effectOf`, with what the machine's deviations make uncertain in this situation. */
  #effectOf({ name, fields }: Request, completion: Completion | undefined): Effect {
    const effect = effectOf(completion);
    const { domain = 0, endpoint = 0 } = fields;
    const isHere = this.#domainOf.get(endpoint) === domain;
    const isUnknown =
      (name === 'ATTACH' && effect === 'nothing' && this.#blurs.has('refused-attach')) ||
      (name === 'ATTACH' && effect === 'carried-out' && isHere && this.#blurs.has('same-domain-attach')) ||
      (name === 'DETACH' && !isHere && this.#blurs.has('refused-detach')) ||
      (name === 'UNMAP' && effect === 'nothing' && this.#blurs.has('split-unmap'));
    return isUnknown ? 'unknown' : effect;
  }

  #carryOut({ name, fields, seq }: Request): void {
    const { domain = 0, endpoint = 0, virt_start = 0n, virt_end = 0n, phys_start = 0n, flags = 0 } = fields;
    if (name === 'ATTACH') this.#attach(endpoint, domain, (flags & 1) === 1);
    else if (name === 'DETACH') this.#detach(endpoint);
    else if (name === 'MAP') this.#map(domain, { virt_start, virt_end, phys_start, flags, madeBy: seq });
    else if (name === 'UNMAP') this.#unmap(domain, virt_start, virt_end);
  }

  #attach(endpoint: number, id: number, bypass: boolean): void {
    this.#uncertainEndpoints.delete(endpoint);
    this.#newcomers.delete(endpoint);
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
    if (endpoint === undefined) return;
    this.#newcomers.delete(endpoint);
    this.#uncertainEndpoints.add(endpoint);
  }
}
