/**
 * The IOVA spaces of one IOMMU's domains over time, as the world has them by which verdicts are made: mappings, attachments, what
 * endpoints accessed, and the regions that the device told of.
 */
import { type Domain, Domains, type Mapping } from '../../../cases/world/domains.ts';
import { reservedRegions } from '../../../cases/world/probe-properties.ts';
import { type Fields, integer, isFields, range, shown, span } from '../event-fields.ts';
import { subtypeName } from '../probe-properties.ts';
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
  /** As they are now. */
  #now = new Domains();
  /** What is drawn and has not ended: attachments by domain and endpoint, mappings by domain and the MAP that made them. */
  #open = new Map<string, Span>();
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
    return this.#now.domainOf(Number(endpoint)) !== undefined;
  }

  request(event: Fields): void {
    if (isFields(event['fields'])) this.#requests.set(shown(event['id']), event['fields']);
  }

  completion(event: Fields, step: number): void {
    const fields = this.#requests.get(shown(event['id']));
    this.#requests.delete(shown(event['id']));
    const name = NAMES.find((known) => known === event['name']);
    if (!fields || name === undefined) return;
    if (name === 'PROBE') {
      if (event['status'] === 0 && typeof event['bytes'] === 'string') this.#probe(fields, event['bytes'], step);
      return;
    }
    const [parsed, { status, honestStatus, fault }] = [parsedFields(name, fields), event];
    if (parsed === undefined) return;
    this.#now.apply(
      { name, complete: true, fields: parsed, seq: step },
      {
        ...(typeof status === 'number' && { status }),
        ...(typeof honestStatus === 'number' && { honestStatus }),
        ...(typeof fault === 'string' && { fault }),
      },
    );
    this.#draw(step);
  }

  /** Nothing that a driver has set up outlives a reset. */
  reset(step: number): void {
    for (const { mappings, attachments } of this.#domains.values()) {
      endAll(mappings, step);
      endAll(attachments, step);
    }
    endAll(this.reserved, step);
    this.#now = new Domains();
    this.#open.clear();
    this.#requests.clear();
  }

  dma(event: Fields, step: number): void {
    const start = integer(event['address']);
    const length = integer(event['length']);
    if (start === undefined || length === undefined || length <= 0n) return;
    const id = this.#now.domainOf(Number(integer(event['endpointId']) ?? -1n));
    const domain = id === undefined ? undefined : BigInt(id);
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

  /** Ends what is no more, and begins what is new. */
  #draw(step: number): void {
    const open = new Map<string, Span>();
    for (const domain of this.#now.all) {
      for (const endpoint of domain.endpoints) {
        const key = `${domain.id} ${endpoint}`;
        open.set(key, this.#open.get(key) ?? this.#beginAttachment(domain, endpoint, step));
      }
      for (const mapping of domain.mappings) {
        const key = `${domain.id} ${mapping.virt_start} made by ${mapping.madeBy}`;
        open.set(key, this.#open.get(key) ?? this.#beginMapping(domain, mapping, step));
      }
    }
    endAll(
      [...this.#open].filter(([key]) => !open.has(key)).map(([, span]) => span),
      step,
    );
    this.#open = open;
  }

  #beginAttachment({ id, bypass }: Domain, endpoint: number, step: number): Span {
    const flag = bypass ? `, ${attachFlagNames(1n)}` : '';
    const says = `${this.#nameOf(BigInt(endpoint))} in domain ${id}${flag}`;
    const attachment: Span = { from: step, until: undefined, says };
    this.#domain(BigInt(id)).attachments.push(attachment);
    return attachment;
  }

  #beginMapping({ id }: Domain, { virt_start: start, virt_end: end, phys_start, flags }: Mapping, step: number): Span {
    const places = `${range(hexOf(start), hexOf(end))} → ${hexOf(phys_start)}`;
    const says = `domain ${id}: ${places}, ${mapFlagNames(BigInt(flags))}`;
    const mapping: Region = { from: step, until: undefined, start, end, says };
    this.#domain(BigInt(id)).mappings.push(mapping);
    return mapping;
  }

  #probe(fields: Fields, digits: string, step: number): void {
    const endpoint = this.#nameOf(integer(fields['endpoint']) ?? 0n);
    for (const { start, end, subtype } of reservedRegions(digits)) {
      const says = `${endpoint}: RESV_MEM ${subtypeName(subtype)} ${range(hexOf(start), hexOf(end))}`;
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

const NAMES = ['ATTACH', 'DETACH', 'MAP', 'UNMAP', 'PROBE'] as const;

/** The fields of a request as the world takes them; undefined if a log has something else in their place. */
function parsedFields(name: 'ATTACH' | 'DETACH' | 'MAP' | 'UNMAP', fields: Fields): RequestFields | undefined {
  const [domain, endpoint, flags] = [fields['domain'], fields['endpoint'], fields['flags']].map(integer);
  const [virt_start, virt_end, phys_start] = [fields['virt_start'], fields['virt_end'], fields['phys_start']].map(
    integer,
  );
  if (domain === undefined) return undefined;
  if (name === 'ATTACH' || name === 'DETACH') {
    if (endpoint === undefined) return undefined;
    return { domain: Number(domain), endpoint: Number(endpoint), flags: Number(flags ?? 0n) };
  }
  if (virt_start === undefined || virt_end === undefined) return undefined;
  return { domain: Number(domain), virt_start, virt_end, phys_start: phys_start ?? 0n, flags: Number(flags ?? 0n) };
}

type RequestFields = Parameters<Domains['apply']>[0]['fields'];

const hexOf = (value: bigint): string => `0x${value.toString(16)}`;
