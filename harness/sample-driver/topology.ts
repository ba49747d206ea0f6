/** Who is behind the IOMMU, and where the IOMMU itself is. */

/** What the platform's description says. */
export interface Topology {
  /** BDF of the IOMMU, if it is on PCI. */
  readonly iommu: number | undefined;
  /** Address of its window, if it is not. */
  readonly iommuWindow: number | undefined;
  /** Endpoint ID of the function `bdf`; undefined if it is not described. */
  readonly endpointId: (bdf: number) => number | undefined;
  /** Endpoint ID of the device in the window at `address`; undefined if it is not described. */
  readonly windowId: (address: number) => number | undefined;
}
