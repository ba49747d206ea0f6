/** What users of the driver have been granted, as commands and answers tell. */
import { type EventOf, hasOwnDriver, isIsolable, type Seen, type SlotName } from '../api/index.ts';

/** Both ends inclusive. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** A driver rounds to granules, or to pages of its own, which may be larger; none has larger ones than this. */
const PAGE_MAX = 0x1_0000n;

export const overlaps = (a: Range, b: Range): boolean => a.start <= b.end && b.start <= a.end;

/** What callers of `map` and `alloc` have been given, by domain; an endpoint of which a buffer is allocated is a domain of its own. */
export class Grants {
  readonly #granted = new Map<string, Range[]>();
  readonly #everGranted = new Map<string, Range[]>();
  readonly #buffers = new Map<string, Range>();
  /** The domain that each endpoint was last attached to by a command, and those that it has left. */
  readonly #domains = new Map<string, string>();
  readonly #left = new Map<string, ReadonlySet<string>>();
  /** Domains that somebody wanted not to translate. */
  readonly #passing = new Set<string>();
  /** To a multiple of it what is mapped may be rounded: a power of two. */
  readonly #page: bigint;

  constructor({ setup }: Pick<Seen, 'setup'>) {
    const granules = setup.iommus.map(({ config: { page_size_mask: mask } }) => mask & -mask);
    this.#page = granules.reduce((most, granule) => (granule > most ? granule : most), PAGE_MAX);
  }

  /** Takes a command with its answer in. */
  apply({ args, ...asked }: EventOf<'verb'>, { outcome, verb, values }: EventOf<'answer'>): void {
    if (verb !== asked.verb) return;
    const { endpoint = '', domain = '', buffer = '' } = args;
    const length = BigInt(args['length'] ?? 0);
    if (verb === 'stop' || verb === 'shutdown') this.#forget();
    else if (verb === 'end-domain' && outcome === 'ok') this.#granted.delete(domain);
    // What became of it is open where the driver has failed.
    else if (verb === 'attach') {
      if (args['bypass'] === '1') this.#passing.add(domain);
      this.#move(endpoint, outcome === 'ok' ? domain : '');
    } else if (verb === 'release' || verb === 'unplug') this.#move(endpoint, outcome === 'ok' ? undefined : '');
    else if (verb === 'detach') this.#detach(endpoint, domain, outcome === 'ok');
    else if (verb === 'map' || verb === 'unmap') this.#change(verb, outcome, domain, rangeOf(args['iova'], length));
    else if (verb === 'alloc' && outcome === 'ok') {
      const range = rangeOf(values['iova'], length);
      if (range) this.#buffers.set(`${endpoint} ${buffer}`, range);
      this.#grant(ownDomain(endpoint), range);
    } else if (verb === 'free' && outcome === 'ok')
      this.#revoke(ownDomain(endpoint), this.#buffers.get(`${endpoint} ${buffer}`));
  }

  /** What became of the byte at `address` for the endpoint; undefined if its place is open: the driver has failed to attach it, or was to let it pass. */
  state(endpoint: string, address: bigint): 'granted' | 'revoked' | 'left' | 'never' | undefined {
    const domain = this.#domains.get(endpoint) ?? ownDomain(endpoint);
    if (domain === '' || this.#passing.has(domain)) return undefined;
    const isIn = (ranges: readonly Range[] = []): boolean =>
      ranges.some((range) => overlaps(this.#widened(range), { start: address, end: address }));
    if (isIn(this.#granted.get(domain))) return 'granted';
    if (isIn(this.#everGranted.get(domain))) return 'revoked';
    const left = [...(this.#left.get(endpoint) ?? [])];
    return left.some((name) => isIn(this.#everGranted.get(name))) ? 'left' : 'never';
  }

  #widened({ start, end }: Range): Range {
    return { start: start & -this.#page, end: end | (this.#page - 1n) };
  }

  #move(endpoint: string, domain: string | undefined): void {
    const old = this.#domains.get(endpoint);
    if (old !== undefined) this.#left.set(endpoint, new Set([...(this.#left.get(endpoint) ?? []), old]));
    if (domain === undefined) this.#domains.delete(endpoint);
    else this.#domains.set(endpoint, domain);
  }

  /** What comes of a domain that the endpoint is not in is the driver's affair, and so is what a refusal has left. */
  #detach(endpoint: string, domain: string, isDone: boolean): void {
    const isIn = this.#domains.get(endpoint) === domain;
    if (isDone || isIn) this.#move(endpoint, isDone && isIn ? undefined : '');
  }

  /** Where the driver has refused, some of it may be mapped all the same. */
  #change(verb: 'map' | 'unmap', outcome: string, domain: string, range: Range | undefined): void {
    if (verb === 'map') this.#grant(domain, range);
    else if (outcome === 'ok') this.#revoke(domain, range);
  }

  #grant(domain: string, range: Range | undefined): void {
    if (range === undefined) return;
    for (const ranges of [this.#granted, this.#everGranted]) ranges.set(domain, [...(ranges.get(domain) ?? []), range]);
  }

  #revoke(domain: string, range: Range | undefined): void {
    if (range === undefined) return;
    const left = (this.#granted.get(domain) ?? []).filter(({ start, end }) => start < range.start || end > range.end);
    this.#granted.set(domain, left);
  }

  #forget(): void {
    for (const map of [this.#granted, this.#everGranted, this.#buffers, this.#domains, this.#left, this.#passing])
      map.clear();
  }
}

export const ownDomain = (endpoint: string): string => `of ${endpoint}`;

/** What a command or an answer names; undefined if that is no number. */
export function rangeOf(iova: unknown, length: bigint): Range | undefined {
  const text = typeof iova === 'string' || typeof iova === 'number' ? String(iova) : '';
  if (!/^(0x[0-9a-f]{1,16}|[0-9]{1,20})$/i.test(text) || length < 1n) return undefined;
  return { start: BigInt(text), end: BigInt(text) + length - 1n };
}

/**
 * A DMA engine has no driver in the guest: all that it may reach was asked for by a command, unless others cannot be told from it
 * and share its domain.
 */
export const isEngine = ({ setup }: Pick<Seen, 'setup'>, slot: string): boolean =>
  !hasOwnDriver(slot) && isIsolable(slot as SlotName, setup.topology);
