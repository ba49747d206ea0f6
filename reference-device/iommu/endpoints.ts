import type { ResvMem } from '../machine-setup.ts';

/** An endpoint as the platform describes it to both sides. */
export interface EndpointDescription {
  readonly id: number;
  /** The reserved regions that PROBE reports and that no MAP may touch. */
  readonly resvMem: readonly ResvMem[];
}

/** An endpoint that this IOMMU manages, and the domain it is in. */
export interface Endpoint extends EndpointDescription {
  /** Undefined while the endpoint is not attached. */
  domain: number | undefined;
}

/** The managed endpoints by their IDs. */
export type Endpoints = ReadonlyMap<number, Endpoint>;

/** All endpoints unattached. Throws if two have the same ID: `iommu/prose/endpoint-id-from-platform` forbids it. */
export function makeEndpoints(descriptions: readonly EndpointDescription[]): Map<number, Endpoint> {
  const endpoints = new Map<number, Endpoint>();
  for (const { id, resvMem } of descriptions) {
    if (endpoints.has(id)) throw new Error(`two endpoints have the ID ${id}`);
    endpoints.set(id, { id, resvMem, domain: undefined });
  }
  return endpoints;
}
