/**
 * The IOVA spaces of one IOMMU's domains over time, as the requests and their answers say: mappings, attachments, what
 * endpoints accessed, and the regions that the device told of.
 */
import { type Fields, hex, integer, isFields, range, shown, span } from '../event-fields.ts';
import { reservedRegions } from '../probe-properties.ts';
import { attachFlagNames, mapFlagNames } from '../wire-names.ts';
import { endAll, type Mark, type Span } from './spans.ts';

/** `start` and `end` are IOVAs, inclusive. */
export interface Region extends Span {
  readonly start: bigint;
  readonly end: bigint;
}

export interface AccessMark extends Mark {
  readonly start: bigint;
  readonly end: bigint;
  readonly access: 'read' | 'write';
}

export interface DomainHistory {
  /** The ID, or undefined for endpoints that are in no domain. */
  readonly domain: bigint | undefined;
  readonly mappings: Region[];
  readonly attachments: Span[];
  readonly accesses: AccessMark[];
}

const LAST_ADDRESS = (1n << 64n) - 1n;
const MASK_LOW = (1n << 32n) - 1n;

export class IovaHistory {
  readonly #domains = new Map<bigint | undefined, DomainHistory>();
  readonly #attached = new Map<bigint, { readonly domain: bigint; readonly attachment: Span }>();
  readonly #requests = new Map<string, Fields>();
  readonly #names: ReadonlyMap<bigint, string>;
  readonly #inputRange = { start: 0n, end: LAST_ADDRESS };
  readonly reserved: Region[] = [];
  /** Periods and what input_range was in them, as the driver read it. */
  readonly apertures: Region[] = [];

  /** `names` are those of the endpoints, by ID. */
  constructor(names: ReadonlyMap<bigint, string>) {
    this.#names = names;
  }

  /** In the order of their first appearance. */
  get domains(): readonly DomainHistory[] {
    return [...this.#domains.values()];
  }

  /** Whether the endpoint of this ID is in a domain now. */
  isAttached(endpoint: bigint): boolean {
    return this.#attached.has(endpoint);
  }

  request(event: Fields): void {
    if (isFields(event['fields'])) this.#requests.set(shown(event['id']), event['fields']);
  }

  /** A request is carried out if its answer is OK and no device fault put that OK in the place of another answer. */
  completion(event: Fields, step: number): void {
    const fields = this.#requests.get(shown(event['id']));
    this.#requests.delete(shown(event['id']));
    if (!fields || event['status'] !== 0 || event['honestStatus'] !== undefined) return;
    if (event['name'] === 'ATTACH') this.#attach(fields, step);
    if (event['name'] === 'DETACH') this.#detach(integer(fields['endpoint']), step);
    if (event['name'] === 'MAP') this.#map(fields, step);
    if (event['name'] === 'UNMAP') this.#unmap(fields, step);
    if (event['name'] === 'PROBE' && typeof event['bytes'] === 'string') this.#probe(fields, event['bytes'], step);
  }

  /** Nothing that a driver has set up outlives a reset. */
  reset(step: number): void {
    for (const { mappings, attachments } of this.#domains.values()) {
      endAll(mappings, step);
      endAll(attachments, step);
    }
    endAll(this.reserved, step);
    this.#attached.clear();
    this.#requests.clear();
  }

  dma(event: Fields, step: number): void {
    const start = integer(event['address']);
    const length = integer(event['length']);
    if (start === undefined || length === undefined || length <= 0n) return;
    const domain = this.#attached.get(integer(event['endpointId']) ?? -1n)?.domain;
    const access = event['access'] === 'write' ? 'write' : 'read';
    const outcome = event['outcome'] === 'fault' ? `blocked, fault ${shown(event['reason'])}` : shown(event['outcome']);
    const says = `${shown(event['endpoint'])} ${access} ${span(event['address'], event['length'])}: ${outcome}`;
    this.#domain(domain).accesses.push({
      step,
      says,
      bad: event['outcome'] !== 'ok',
      start,
      end: start + length - 1n,
      access,
    });
  }

  /** Follows what the driver reads of `input_range`, which it may read in halves. */
  configRead(event: Fields, step: number): void {
    const [, edge] = /^input_range\.(start|end)$/.exec(String(event['field'])) ?? [];
    const value = integer(event['value']);
    const offset = integer(event['offset']);
    if ((edge !== 'start' && edge !== 'end') || value === undefined || offset === undefined) return;
    const old = this.#inputRange[edge];
    if (event['width'] === 8) this.#inputRange[edge] = value;
    else this.#inputRange[edge] = offset % 8n === 0n ? (old & ~MASK_LOW) | value : (old & MASK_LOW) | (value << 32n);
    if (edge === 'start' || (event['width'] === 4 && offset % 8n === 0n)) return;
    endAll(this.apertures, step);
    const { start, end } = this.#inputRange;
    this.apertures.push({
      from: step,
      until: undefined,
      start,
      end,
      says: `input_range ${range(hexOf(start), hexOf(end))}`,
    });
  }

  #attach(fields: Fields, step: number): void {
    const endpoint = integer(fields['endpoint']);
    const domain = integer(fields['domain']);
    if (endpoint === undefined || domain === undefined || this.#attached.get(endpoint)?.domain === domain) return;
    this.#detach(endpoint, step);
    const flags = integer(fields['flags']) ?? 0n;
    const bypass = flags === 0n ? '' : `, ${attachFlagNames(flags)}`;
    const attachment = { from: step, until: undefined, says: `${this.#nameOf(endpoint)} in domain ${domain}${bypass}` };
    this.#attached.set(endpoint, { domain, attachment });
    this.#domain(domain).attachments.push(attachment);
  }

  /** A domain ceases to be, with its mappings, when its last endpoint leaves (5.13.6.4). */
  #detach(endpoint: bigint | undefined, step: number): void {
    const old = endpoint === undefined ? undefined : this.#attached.get(endpoint);
    if (endpoint === undefined || !old) return;
    old.attachment.until = step;
    this.#attached.delete(endpoint);
    const isLast = ![...this.#attached.values()].some(({ domain }) => domain === old.domain);
    if (isLast) endAll(this.#domain(old.domain).mappings, step);
  }

  #map(fields: Fields, step: number): void {
    const domain = integer(fields['domain']);
    const start = integer(fields['virt_start']);
    const end = integer(fields['virt_end']);
    if (domain === undefined || start === undefined || end === undefined) return;
    const flags = mapFlagNames(integer(fields['flags']) ?? 0n);
    const says = `domain ${domain}: ${range(fields['virt_start'], fields['virt_end'])} → ${hex(fields['phys_start'])}, ${flags}`;
    this.#domain(domain).mappings.push({ from: step, until: undefined, start, end, says });
  }

  #unmap(fields: Fields, step: number): void {
    const domain = integer(fields['domain']);
    const first = integer(fields['virt_start']);
    const last = integer(fields['virt_end']);
    if (domain === undefined || first === undefined || last === undefined) return;
    endAll(
      this.#domain(domain).mappings.filter(({ start, end }) => start >= first && end <= last),
      step,
    );
  }

  #probe(fields: Fields, digits: string, step: number): void {
    const endpoint = this.#nameOf(integer(fields['endpoint']) ?? 0n);
    for (const { start, end, subtype } of reservedRegions(digits)) {
      const says = `${endpoint}: RESV_MEM ${subtype} ${range(hexOf(start), hexOf(end))}`;
      if (this.reserved.some((other) => other.until === undefined && other.says === says)) continue;
      this.reserved.push({ from: step, until: undefined, start, end, says });
    }
  }

  #domain(domain: bigint | undefined): DomainHistory {
    const known = this.#domains.get(domain) ?? { domain, mappings: [], attachments: [], accesses: [] };
    this.#domains.set(domain, known);
    return known;
  }

  readonly #nameOf = (endpoint: bigint): string => this.#names.get(endpoint) ?? `endpoint ${hexOf(endpoint)}`;
}

const hexOf = (value: bigint): string => `0x${value.toString(16)}`;
