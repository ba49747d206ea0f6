/** What the harness knows to stand in the buffers that it has named, and where endpoints find them. */
import type { EventOf } from '../api/index.ts';
import { overlaps, ownDomain, type Range, rangeOf } from './grants.ts';

/** Where a buffer is mapped; `start` leads to its first byte. */
interface Place extends Range {
  readonly buffer: string;
}

/** Bytes of a buffer, from `offset` on. */
export interface Piece {
  readonly buffer: string;
  readonly offset: number;
}

/** Two hexadecimal digits a byte. */
const bytesIn = (hex: string): string[] => hex.toLowerCase().match(/../g) ?? [];

export class BufferContents {
  readonly #places = new Map<string, Place[]>();
  readonly #domainOf = new Map<string, string>();
  /** Known bytes, by buffer and offset. */
  readonly #bytes = new Map<string, Map<number, string>>();

  /** Takes a command with its answer in. */
  apply({ args, verb: asked }: EventOf<'verb'>, { verb, outcome, values }: EventOf<'answer'>): void {
    if (verb !== asked || outcome === 'skip') return;
    const { endpoint = '', domain = '', buffer = '' } = args;
    const length = BigInt(args['length'] ?? 0);
    const isOk = outcome === 'ok';
    if (verb === 'attach' && isOk) this.#domainOf.set(endpoint, domain);
    else if (['attach', 'detach', 'release', 'unplug'].includes(verb)) this.#domainOf.delete(endpoint);
    if (verb === 'map' || verb === 'unmap') this.#change(domain, rangeOf(args['iova'], length), isOk, verb, buffer);
    if (verb === 'alloc' && isOk)
      this.#change(ownDomain(endpoint), rangeOf(values['iova'], length), true, 'map', buffer);
    if (verb === 'free') this.#free(endpoint, buffer);
    if (verb === 'end-domain') this.#places.delete(domain);
    if (verb === 'poke') this.write({ buffer, offset: Number(args['offset']) }, isOk ? args['bytes'] : undefined);
  }

  /** All buffers are gone. */
  forget(): void {
    for (const map of [this.#places, this.#domainOf, this.#bytes]) map.clear();
  }

  /** Anything may have been written anywhere. */
  forgetBytes(): void {
    this.#bytes.clear();
  }

  /** What the endpoint finds in a range of addresses, if it all lies in one buffer. */
  pieceAt(endpoint: string, address: bigint, length: number): Piece | undefined {
    const domain = this.#domainOf.get(endpoint) ?? ownDomain(endpoint);
    const end = address + BigInt(length) - 1n;
    const place = this.#places.get(domain)?.find((it) => it.start <= address && end <= it.end);
    return place && { buffer: place.buffer, offset: Number(address - place.start) };
  }

  /** `bytes` in hex, or undefined where it is open what has been written; then nothing of the buffer is known. */
  write({ buffer, offset }: Piece, bytes: string | undefined): void {
    if (bytes === undefined) {
      this.#bytes.delete(buffer);
      return;
    }
    const known = this.#bytes.get(buffer) ?? new Map<number, string>();
    this.#bytes.set(buffer, known);
    for (const [index, byte] of bytesIn(bytes).entries()) known.set(offset + index, byte);
  }

  /** The first byte of `bytes` that is another than the one that should stand there; undefined if all may be right. */
  mismatch({ buffer, offset }: Piece, bytes: string): { readonly offset: number; readonly due: string } | undefined {
    const known = this.#bytes.get(buffer);
    for (const [index, byte] of bytesIn(bytes).entries()) {
      const due = known?.get(offset + index);
      if (due !== undefined && due !== byte) return { offset: offset + index, due };
    }
    return undefined;
  }

  /** Whether a byte is known that `length` bytes there would show. */
  knows({ buffer, offset }: Piece, length: number): boolean {
    const known = [...(this.#bytes.get(buffer)?.keys() ?? [])];
    return known.some((at) => offset <= at && at < offset + length);
  }

  /** A driver that refuses leaves open what is mapped there. */
  #change(domain: string, range: Range | undefined, isOk: boolean, verb: 'map' | 'unmap', buffer: string): void {
    if (range === undefined) return;
    const others = (this.#places.get(domain) ?? []).filter((place) => !overlaps(place, range));
    this.#places.set(domain, verb === 'map' && isOk ? [...others, { ...range, buffer }] : others);
  }

  #free(endpoint: string, buffer: string): void {
    const domain = ownDomain(endpoint);
    this.#places.set(
      domain,
      (this.#places.get(domain) ?? []).filter((place) => place.buffer !== buffer),
    );
    this.#bytes.delete(buffer);
  }
}
