/** The DMA API: makes memory reachable for one endpoint, at an address that the driver chooses. */
import { regionsIn } from './domains.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { Endpoint } from './endpoint.ts';
import type { Iommu } from './iommu.ts';
import type { Access } from './mapping-rules.ts';
import { freeAddress } from './iova-allocator.ts';
import { PAGE_SIZE } from './physical-memory.ts';

/** A message is a write of so many bytes. */
const MESSAGE_BYTES = 4;

/** Where an endpoint finds the doorbell of interrupts. */
export interface Doorbell {
  readonly address: bigint;
  /** What was mapped for that; undefined if messages get there as they are. `length` in bytes. */
  readonly mapping?: { readonly address: bigint; readonly length: number };
}

export interface DmaSpace {
  /** What is mapped has to start at a multiple of this. */
  readonly alignment: number;
  /** The address for the endpoint; a sentence if the memory cannot be mapped. */
  map(physical: bigint, length: number, access: Access): { readonly address: bigint } | string;
  /** How the endpoint gets to the doorbell of interrupts; a sentence if it cannot be mapped. */
  doorbell(physical: bigint): Doorbell | string;
  /** A sentence if the mapping is still there. */
  unmap(address: bigint, length: number): string | undefined;
}

/** For functions that no IOMMU translates: addresses are physical. */
export const untranslated: DmaSpace = {
  alignment: PAGE_SIZE,
  map: (physical) => ({ address: physical }),
  doorbell: (physical) => ({ address: physical }),
  unmap: () => undefined,
};

/** For an endpoint that is attached to its own domain. */
export class TranslatedDma implements DmaSpace {
  readonly #iommu: Iommu;
  readonly #endpoint: Endpoint;
  readonly #faults: DriverFaults;
  /** A range that a hasty driver gave out again and has yet to unmap. */
  #overdue: { start: bigint; end: bigint } | undefined;
  /** The lowest address that was ever chosen. */
  #lowest: bigint | undefined;

  constructor(iommu: Iommu, endpoint: Endpoint, faults: DriverFaults) {
    this.#iommu = iommu;
    this.#endpoint = endpoint;
    this.#faults = faults;
  }

  get #granule(): bigint {
    return this.#iommu.device.config?.granule ?? BigInt(PAGE_SIZE);
  }

  get alignment(): number {
    if (this.#faults.has('buffers-at-4096')) return PAGE_SIZE;
    const granule = this.#granule;
    return granule < 1n << 40n ? Math.max(Number(granule), PAGE_SIZE) : 2 ** 40;
  }

  map(physical: bigint, length: number, access: Access): { readonly address: bigint } | string {
    const { domain } = this.#endpoint;
    const { config } = this.#iommu.device;
    if (!domain || !config) return `${this.#endpoint.name} is not attached`;
    if (this.#faults.has('maps-all-memory')) return { address: physical };
    const size = this.#mappedLength(length);
    const granule = this.#faults.has('iova-steps-of-4096') ? BigInt(PAGE_SIZE) : config.granule;
    const most = this.#faults.has('addresses-used-once') ? this.#lowest : undefined;
    const limits = { start: config.inputStart, end: most === undefined ? config.inputEnd : most - 1n, granule };
    const address = freeAddress(size, limits, domain.mappings, regionsIn(domain, this.#faults), this.#faults);
    if (address === undefined) return `no address is free for ${this.#endpoint.name}`;
    this.#lowest = address;
    const exact = this.#faults.has('map-length-not-rounded') ? BigInt(length) : size;
    const problem = this.#mapPieces(address, exact, physical, access);
    if (this.#overdue) this.#iommu.mappings.unmap(domain, this.#overdue.start, this.#overdue.end);
    this.#overdue = undefined;
    return problem ?? { address };
  }

  /** Whole granules that hold `length` bytes; never fewer than two bytes, the least that MAP can name. */
  #mappedLength(length: number): bigint {
    const granule = this.#granule;
    const wanted = BigInt(Math.max(length, 2));
    const size = ((wanted + granule - 1n) / granule) * granule;
    if (this.#faults.has('maps-neighbour-page')) return size + granule;
    if (this.#faults.has('alloc-one-granule-short') && size > granule) return size - granule;
    return size;
  }

  #mapPieces(address: bigint, length: bigint, physical: bigint, access: Access): string | undefined {
    const domain = this.#endpoint.domain!;
    const granule = this.#granule;
    if (!this.#faults.has('free-keeps-last-page') || length <= granule) {
      return this.#iommu.mappings.map(domain, address, length, physical, access);
    }
    const most = length - granule;
    const problem = this.#iommu.mappings.map(domain, address, most, physical, access);
    return problem ?? this.#iommu.mappings.map(domain, address + most, granule, physical + most, access);
  }

  /** 5.13.6.8.1: the doorbell lies in a region that is not translated, or has to be mapped like any registers. */
  doorbell(physical: bigint): Doorbell | string {
    const { domain, regions } = this.#endpoint;
    const { config } = this.#iommu.device;
    if (!domain || !config) return `${this.#endpoint.name} is not attached`;
    const isRegion = regions.some(({ kind, start, end }) => kind === 'msi' && physical >= start && physical <= end);
    if (isRegion || this.#faults.has('doorbell-not-mapped')) return { address: physical };
    const offset = physical % config.granule;
    const size = this.#mappedLength(Number(offset) + MESSAGE_BYTES);
    const limits = { start: config.inputStart, end: config.inputEnd, granule: config.granule };
    const address = freeAddress(size, limits, domain.mappings, regionsIn(domain, this.#faults), this.#faults);
    if (address === undefined) return `no address is free for ${this.#endpoint.name}`;
    const problem = this.#iommu.mappings.map(domain, address, size, physical - offset, 'w', 'registers');
    const mapping = { address, length: Number(size) };
    return problem ?? { address: this.#faults.has('doorbell-no-offset') ? address : address + offset, mapping };
  }

  unmap(address: bigint, length: number): string | undefined {
    const { domain } = this.#endpoint;
    if (!domain || this.#faults.has('maps-all-memory')) return undefined;
    const mappings = domain.mappings.within(address, address + this.#mappedLength(length) - 1n);
    if (this.#faults.has('iova-reused-before-unmap') && mappings[0]) {
      this.#overdue = mappings[0];
      domain.mappings.remove(mappings[0]);
      return undefined;
    }
    for (const [index, { start, end }] of mappings.entries()) {
      if (index === mappings.length - 1 && index > 0 && this.#faults.has('free-keeps-last-page')) continue;
      const problem = this.#iommu.mappings.unmap(domain, start, end);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}
