/** `iommu-map` of a PCI root complex, as the binding pci/pci-iommu.txt defines it. */

/** Requester IDs from `ridBase` on, `length` of them, have endpoint IDs from `iommuBase` on. */
export interface MapTuple {
  readonly ridBase: number;
  readonly iommuBase: number;
  readonly length: number;
}

export interface IommuMap {
  readonly tuples: readonly MapTuple[];
  /** `iommu-map-mask`: ANDed with a requester ID before the look-up. All bits count if left out. */
  readonly mask?: number;
}

/** The endpoint ID of the function `rid`; undefined if the map leaves it out. */
export function mappedId({ tuples, mask = 0xffff }: IommuMap, rid: number): number | undefined {
  const masked = rid & mask;
  const tuple = tuples.find(({ ridBase, length }) => masked >= ridBase && masked < ridBase + length);
  return tuple && masked - tuple.ridBase + tuple.iommuBase;
}
