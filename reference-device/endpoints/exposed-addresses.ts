/** What an endpoint was told of its driver's memory: what it holds now, and what it held once. */
import type { Access } from '../trace-events.ts';

/** A stretch of memory given to an endpoint. `length` in bytes, 1 at least. */
export interface Exposure {
  readonly address: bigint;
  readonly length: number;
  readonly access: Access;
}

/** Exposures remembered at most, of each sort; the oldest are forgotten first. */
const LIMIT = 4096;

const keyOf = ({ address, length, access }: Exposure): string => `${address} ${length} ${access}`;

const lastByte = ({ address, length }: Exposure): bigint => address + BigInt(length - 1);

export class ExposedAddresses {
  readonly #held = new Map<string, Exposure>();
  readonly #returned = new Map<string, Exposure>();

  expose(exposure: Exposure): void {
    remember(this.#held, exposure);
  }

  giveBack(exposure: Exposure): void {
    this.#held.delete(keyOf(exposure));
    remember(this.#returned, exposure);
  }

  /** First and last byte of everything returned, except bytes that the endpoint has been given anew. */
  staleBytes(): { readonly address: bigint; readonly access: Access }[] {
    const held = [...this.#held.values()];
    const isHeld = (address: bigint): boolean =>
      held.some((exposure) => address >= exposure.address && address <= lastByte(exposure));
    return [...this.#returned.values()].flatMap((exposure) =>
      [...new Set([exposure.address, lastByte(exposure)])]
        .filter((address) => !isHeld(address))
        .map((address) => ({ address, access: exposure.access })),
    );
  }
}

function remember(place: Map<string, Exposure>, exposure: Exposure): void {
  const key = keyOf(exposure);
  place.delete(key);
  place.set(key, exposure);
  const oldest = place.size > LIMIT ? place.keys().next().value : undefined;
  if (oldest !== undefined) place.delete(oldest);
}
