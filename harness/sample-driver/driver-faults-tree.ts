/** Mistakes in reading a platform's description: endpoints that are no PCI functions, and the device tree. */
export const TREE_FAULTS = {
  'platform-endpoint-forgotten': 'Attaches endpoints on PCI only.',
  'platform-endpoint-by-address': 'Names an endpoint that is no PCI function by the address of its window.',
  'iommu-map-length-ignored': 'Takes each entry of iommu-map to reach to the end of the bus.',
  'iommu-map-base-ignored': 'Names functions by their requester ID, whatever iommu-map makes of it.',
  'iommu-map-first-entry-only': 'Reads the first entry of iommu-map only.',
  'iommu-map-offset-ignored': 'Gives all functions of an entry of iommu-map the ID of its first.',
  'iommu-map-id-16-bit': 'Cuts endpoint IDs to 16 bits.',
  'iommu-map-mask-ignored': 'Looks functions up in iommu-map without iommu-map-mask.',
  'iommus-phandle-taken-for-id': 'Takes the first cell of iommus for the endpoint ID.',
  'shared-id-in-two-domains': 'Attaches each function to a domain of its own although two have the same ID.',
} as const satisfies Record<string, string>;
