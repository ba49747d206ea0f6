/** Domains as commands name them. Endpoints behind several IOMMUs can share one: it then has a part at each of them. */
import type { Domain } from './domains.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { Iommu } from './iommu.ts';
import type { Access } from './mapping-rules.ts';

/** One address space; the parts have the same mappings, each under a number of its own IOMMU. */
export class NamedDomain {
  readonly #isBypass: boolean;
  readonly #faults: DriverFaults;
  readonly #parts = new Map<Iommu, Domain>();

  constructor(isBypass: boolean, faults: DriverFaults) {
    this.#isBypass = isBypass;
    this.#faults = faults;
  }

  /** Its part at `iommu`, made if need be with the mappings of the others. A sentence if there can be none. */
  partAt(iommu: Iommu): Domain | string {
    this.#prune();
    const known = this.#parts.get(iommu);
    if (known) return known;
    const made = iommu.createDomain(this.#isBypass);
    if (typeof made === 'string') return made;
    const [model] = this.#parts.values();
    for (const mapping of model?.mappings.all ?? []) made.mappings.add(mapping);
    this.#parts.set(iommu, made);
    return made;
  }

  /** Whether it is the domain in which an endpoint is. */
  has(domain: Domain | undefined): boolean {
    return domain !== undefined && [...this.#parts.values()].includes(domain);
  }

  /** Whether an endpoint is in it, behind whichever IOMMU. */
  get isInUse(): boolean {
    return [...this.#parts.values()].some(({ endpoints }) => endpoints.size > 0);
  }

  /** At an IOMMU, a part ends with its last endpoint; mappings are kept for endpoints to come as long as one part is. */
  #prune(): void {
    const parts = [...this.#parts];
    const kept = parts.some(([, { endpoints }]) => endpoints.size > 0) ? undefined : parts[0];
    for (const part of parts) if (part[1].endpoints.size === 0 && part !== kept) this.#drop(...part);
  }

  /** Forgets a domain that no endpoint is in. */
  dispose(): void {
    for (const part of this.#parts) this.#drop(...part);
  }

  #drop(iommu: Iommu, part: Domain): void {
    this.#parts.delete(iommu);
    iommu.dropDomain(part);
  }

  /** The largest granule of its parts; 0 if they have none. */
  get granule(): bigint {
    let largest = 0n;
    for (const iommu of this.#parts.keys()) {
      const granule = iommu.device.config?.granule ?? 0n;
      if (granule > largest) largest = granule;
    }
    return largest;
  }

  /** See `DomainMappings.map`. Nothing stays mapped if one IOMMU refuses. */
  map(start: bigint, length: bigint, physical: bigint, access: Access): string | undefined {
    this.#prune();
    const done: [Iommu, Domain][] = [];
    const most = this.#faults.has('maps-at-first-iommu-only') ? 1 : this.#parts.size;
    for (const [iommu, domain] of [...this.#parts].slice(0, most)) {
      const problem = iommu.mappings.map(domain, start, length, physical, access);
      if (problem !== undefined) {
        for (const [other, part] of done) other.mappings.unmap(part, start, start + length - 1n);
        return problem;
      }
      done.push([iommu, domain]);
    }
    return undefined;
  }

  /** See `DomainMappings.unmap`. Every IOMMU is asked, even if one refuses. */
  unmap(start: bigint, end: bigint): string | undefined {
    this.#prune();
    const most = this.#faults.has('unmaps-at-first-iommu-only') ? 1 : this.#parts.size;
    const problems = [...this.#parts].slice(0, most).map(([iommu, domain]) => iommu.mappings.unmap(domain, start, end));
    return problems.find((problem) => problem !== undefined);
  }

  /** Removes every mapping, at every IOMMU where there are endpoints to use them. */
  unmapAll(): void {
    for (const [iommu, domain] of this.#parts) {
      if (domain.endpoints.size > 0 && !domain.bypass) iommu.mappings.unmapAll(domain);
    }
  }
}
