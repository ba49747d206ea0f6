/** What an IOMMU knows by one endpoint ID: a device behind it, or several that it cannot tell apart. */
import type { Domain } from './domains.ts';
import type { IsolationGroup } from './isolation.ts';
import type { ReservedRegion } from './probe.ts';
import type { IommuPlace } from './topology.ts';

export interface Endpoint {
  /** Of its first device. */
  readonly name: string;
  /** By which requests name it; undefined if the topology does not describe it: it is not translated. */
  readonly id: number | undefined;
  /** The IOMMU that it is behind. */
  readonly iommu: IommuPlace | undefined;
  /** What PROBE has found; empty before. */
  regions: readonly ReservedRegion[];
  /** The domain that it is attached to. */
  domain: Domain | undefined;
  /** Those that have to share its domain. */
  readonly group: IsolationGroup;
}
