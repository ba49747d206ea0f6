/** Domains as the driver keeps them, and their numbers. */
import type { DriverFaults } from './driver-faults.ts';
import type { Endpoint } from './endpoint.ts';
import type { IommuConfig } from './iommu-config.ts';
import { MappingTable } from './mapping-table.ts';
import type { ReservedRegion } from './probe.ts';

/** An address space. On the device it lives from its first ATTACH to its last DETACH. */
export interface Domain {
  number: number;
  readonly bypass: boolean;
  readonly endpoints: Set<Endpoint>;
  readonly mappings: MappingTable;
}

/** Regions that none of the domain's endpoints may have mapped. */
export function regionsIn({ endpoints }: Domain, faults: DriverFaults): readonly ReservedRegion[] {
  const heeded = [...endpoints].slice(0, faults.has('first-regions-only') ? 1 : endpoints.size);
  return heeded.flatMap(({ regions }) => regions);
}

/** Gives domains their numbers: the lowest free one in domain_range. */
export class DomainNumbers {
  readonly #used = new Set<number>();
  #liveCount = 0;
  readonly #faults: DriverFaults;

  constructor(faults: DriverFaults) {
    this.#faults = faults;
  }

  /** A domain with a number of its own; undefined if all are taken. */
  create(config: IommuConfig, bypass: boolean): Domain | undefined {
    const number = this.#next(config);
    if (number === undefined) return undefined;
    this.#used.add(number);
    this.#liveCount++;
    return { number, bypass, endpoints: new Set(), mappings: new MappingTable() };
  }

  /** Gives a domain that the device has forgotten another number; false if there is none. */
  renew(domain: Domain, config: IommuConfig): boolean {
    const number = this.#next(config);
    if (number === undefined) return false;
    this.release(domain);
    this.#liveCount++;
    this.#used.add(number);
    domain.number = number;
    return true;
  }

  #next(config: IommuConfig): number | undefined {
    if (this.#faults.has('domain-one-for-all')) return config.domainStart;
    if (this.#faults.has('domain-past-range-end')) return config.domainEnd + 1;
    const ignores = this.#faults.has('domain-ignores-range');
    // Such a driver counts the domains that there are, and not the numbers that it has used.
    const isFull = this.#liveCount > config.domainEnd - config.domainStart;
    const leaves = ignores || (this.#faults.has('domain-leak') && !isFull);
    const end = this.#endOf(config);
    if (this.#faults.has('domains-from-the-end')) return this.#highest(config.domainStart, end);
    let number = ignores ? 0 : config.domainStart;
    while (this.#used.has(number)) number++;
    return number <= end || leaves ? number : undefined;
  }

  /** The last number that is ever used. */
  #endOf({ domainEnd }: IommuConfig): number {
    const most = this.#faults.has('domain-range-end-exclusive') ? domainEnd - 1 : domainEnd;
    return this.#faults.has('domains-of-16-bits') ? Math.min(most, 0xffff) : most;
  }

  #highest(start: number, end: number): number | undefined {
    let number = end;
    while (this.#used.has(number)) number--;
    return number >= start ? number : undefined;
  }

  release(domain: Domain): void {
    this.#liveCount--;
    const keeps = this.#faults.has('domain-numbers-used-once') || this.#faults.has('domain-leak');
    if (!keeps) this.#used.delete(domain.number);
  }

  releaseAll(): void {
    this.#used.clear();
    this.#liveCount = 0;
  }
}
