/** Domains as the driver keeps them, and their numbers. */
import type { DriverFaults } from './driver-faults.ts';
import type { Endpoint } from './endpoint.ts';
import type { IommuConfig } from './iommu-config.ts';
import { MappingTable } from './mapping-table.ts';

/** An address space. On the device it lives from its first ATTACH to its last DETACH. */
export interface Domain {
  readonly number: number;
  readonly bypass: boolean;
  readonly endpoints: Set<Endpoint>;
  readonly mappings: MappingTable;
}

/** Gives domains their numbers: the lowest free one in domain_range. */
export class DomainNumbers {
  readonly #used = new Set<number>();
  readonly #faults: DriverFaults;

  constructor(faults: DriverFaults) {
    this.#faults = faults;
  }

  /** A domain with a number of its own; undefined if all are taken. */
  create(config: IommuConfig, bypass: boolean): Domain | undefined {
    const number = this.#next(config);
    if (number === undefined) return undefined;
    this.#used.add(number);
    return { number, bypass, endpoints: new Set(), mappings: new MappingTable() };
  }

  #next(config: IommuConfig): number | undefined {
    if (this.#faults.has('domain-one-for-all')) return config.domainStart;
    if (this.#faults.has('domain-past-range-end')) return config.domainEnd + 1;
    const ignores = this.#faults.has('domain-ignores-range');
    const end = this.#faults.has('domain-range-end-exclusive') ? config.domainEnd - 1 : config.domainEnd;
    if (this.#faults.has('domains-from-the-end')) return this.#highest(config);
    let number = ignores ? 0 : config.domainStart;
    while (this.#used.has(number)) number++;
    return number <= end || ignores ? number : undefined;
  }

  #highest({ domainStart, domainEnd }: IommuConfig): number | undefined {
    let number = domainEnd;
    while (this.#used.has(number)) number--;
    return number >= domainStart ? number : undefined;
  }

  release(domain: Domain): void {
    this.#used.delete(domain.number);
  }

  releaseAll(): void {
    this.#used.clear();
  }
}
