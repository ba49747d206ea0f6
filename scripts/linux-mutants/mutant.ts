import type { DriverName } from './driver-files.ts';
import type { Edit } from './edits.ts';

/** A mistake put into a driver of Linux, and where it has to show. */
export interface Mutant {
  readonly name: string;
  /** virtio-iommu if left out. */
  readonly driver?: DriverName;
  readonly edits: readonly Edit[];
  /** Cases that are about it; a sample is run beside them. */
  readonly cases: readonly string[];
  /** How the kernel has to be set up for the mistake to matter; strict if left out. */
  readonly configuration?: 'strict' | 'lazy' | 'passthrough';
  /** Why no case catches it. A mutant that is caught although it has a reason here is an error. */
  readonly survives?: string;
}
