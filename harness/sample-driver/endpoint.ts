/** A function behind the bus, as the IOMMU's driver and its own driver share it. */
import type { Domain } from './domains.ts';
import type { PciDevice } from './pci.ts';
import type { ReservedRegion } from './probe.ts';

export interface Endpoint {
  readonly name: string;
  readonly pci: PciDevice;
  /** By which requests name it; undefined if the topology does not describe it: it is not translated. */
  readonly id: number | undefined;
  /** What PROBE has found; empty before. */
  regions: readonly ReservedRegion[];
  /** The domain that it is attached to. */
  domain: Domain | undefined;
  /** The domain for its own driver. */
  own: Domain | undefined;
}
