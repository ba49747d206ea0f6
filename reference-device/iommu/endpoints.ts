import type { OtherProperty, ResvMem } from '../machine-setup.ts';

/** An endpoint as the platform describes it to both sides. */
export interface EndpointDescription {
  readonly id: number;
  /** The reserved regions that PROBE reports and that no MAP may touch. */
  readonly resvMem: readonly ResvMem[];
  /** What else PROBE reports. */
  readonly otherProperties?: readonly OtherProperty[];
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
  for (const description of descriptions) {
    const { id } = description;
    if (endpoints.has(id)) throw new Error(`two endpoints have the ID ${id}`);
    endpoints.set(id, { ...description, domain: undefined });
  }
  return endpoints;
}
