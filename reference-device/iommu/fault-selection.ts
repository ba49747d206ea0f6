import type { DeviceFault } from '../device-faults.ts';
import type { RequestName } from '../trace-events.ts';

/** Where a request stands among those that came before it, from 1 on: among its type, and among all. */
export interface RequestPlace {
  /** Undefined for a request of unknown type. */
  readonly name: RequestName | undefined;
  readonly ofType: number;
  readonly ofAll: number;
}

/** Counts requests for switches that mean the nth one. Requests of unknown type count among all. */
export class RequestCounter {
  readonly #counts = new Map<RequestName | undefined, number>();
  #all = 0;

  /** The place of the next request. */
  next(name: RequestName | undefined): RequestPlace {
    const ofType = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, ofType);
    return { name, ofType, ofAll: ++this.#all };
  }
}

/** Whether `fault`'s `request` and `nth` mean the request at `place`. */
export function isMeant(fault: DeviceFault, place: RequestPlace): boolean {
  if (fault.request !== undefined && fault.request !== place.name) return false;
  return fault.nth === undefined || fault.nth === (fault.request === undefined ? place.ofAll : place.ofType);
}
