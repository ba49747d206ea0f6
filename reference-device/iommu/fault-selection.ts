import type { DeviceFault } from '../device-faults.ts';
import type { RequestName } from '../trace-events.ts';
import { STATUS_FAULTS } from './answer-faults.ts';
import { COMPLETION_FAULTS } from './completion-faults.ts';

const NONE: readonly DeviceFault[] = [];

/** Picks the switches that mean one request or the other: by its type, by what the driver is asked for meanwhile, and by its number. */
export class FaultSelection {
  /** The verb that the driver is being asked for; undefined between two commands. */
  verb: string | undefined;
  readonly #faults: readonly DeviceFault[];
  /** How many requests each switch could have meant until now, but for its `nth`. */
  readonly #counts = new Map<DeviceFault, number>();

  constructor(faults: readonly DeviceFault[]) {
    this.#faults = faults.filter(({ name }) => STATUS_FAULTS.has(name) || COMPLETION_FAULTS.has(name));
  }

  /**
   * The switches that mean the next request, whose type is `name` if it has a known one. To be called once for each request, in
   * the order of their coming.
   */
  next(name: RequestName | undefined): readonly DeviceFault[] {
    if (this.#faults.length === 0) return NONE;
    return this.#faults.filter((fault) => {
      const { request = name, during = this.verb, nth } = fault;
      if (request !== name || during !== this.verb) return false;
      const count = (this.#counts.get(fault) ?? 0) + 1;
      this.#counts.set(fault, count);
      return nth === undefined || nth === count;
    });
  }
}
