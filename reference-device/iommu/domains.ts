import type { Endpoint } from './endpoints.ts';
import { Mappings } from './mappings.ts';

export interface Domain {
  readonly id: number;
  /** Made by an ATTACH with VIRTIO_IOMMU_ATTACH_F_BYPASS: its endpoints are in bypass mode, and it has no mappings. */
  readonly bypass: boolean;
  /** Never empty: a domain ends with its last endpoint. */
  readonly endpoints: Set<Endpoint>;
  readonly mappings: Mappings;
}

/** The domains that exist, by their IDs. There are never more of them than endpoints. */
export class Domains {
  readonly #domains = new Map<number, Domain>();

  get(id: number): Domain | undefined {
    return this.#domains.get(id);
  }

  /** Mappings in all domains together. */
  get mappingCount(): number {
    let count = 0;
    for (const domain of this.#domains.values()) count += domain.mappings.count;
    return count;
  }

  /** Puts an endpoint that is in no domain into `id`, which is made with `bypass` if it does not exist. */
  attach(endpoint: Endpoint, id: number, bypass: boolean): void {
    // iommu/prose/domain-created-by-attach
    let domain = this.#domains.get(id);
    if (!domain) {
      domain = { id, bypass, endpoints: new Set(), mappings: new Mappings() };
      this.#domains.set(id, domain);
    }
    domain.endpoints.add(endpoint);
    endpoint.domain = id;
  }

  /** Takes an endpoint out of its domain, if it is in one. */
  detach(endpoint: Endpoint): void {
    if (endpoint.domain === undefined) return;
    const domain = this.#domains.get(endpoint.domain);
    endpoint.domain = undefined;
    domain?.endpoints.delete(endpoint);
    // iommu/prose/domain-ends-with-last-detach: its mappings go with it, and the ID is free.
    if (domain?.endpoints.size === 0) this.#domains.delete(domain.id);
  }
}
