/** Who is behind which IOMMU, and where the IOMMUs themselves are. */

/** Where an IOMMU is: the BDF of its function, or the address of its window. One object for each IOMMU. */
export type IommuPlace = { readonly bdf: number } | { readonly window: number };

/** An endpoint's IOMMU, and its ID there: IDs begin anew at each IOMMU. */
export interface Described {
  readonly iommu: IommuPlace;
  readonly id: number;
}

/** What the platform's description says. */
export interface Topology {
  /** In the description's order. */
  readonly iommus: readonly IommuPlace[];
  /** The endpoint that the function `bdf` is; undefined if it is not described. */
  readonly functionAt: (bdf: number) => Described | undefined;
  /** The endpoint that the device in the window at `address` is; undefined if it is not described. */
  readonly windowAt: (address: number) => Described | undefined;
}

/** Whether the function `bdf` is one of the IOMMUs. */
export const isIommu = ({ iommus }: Pick<Topology, 'iommus'>, bdf: number): boolean =>
  iommus.some((place) => 'bdf' in place && place.bdf === bdf);
