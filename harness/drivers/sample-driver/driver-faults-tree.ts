/** Mistakes in reading a platform's description: endpoints that are no PCI functions, the device tree, several IOMMUs. */
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
  // B2-19: drm/rockchip (mail, 2021); B2-20; B2-22: Linux ccb2fd725d41.
  'tree-status-ignored': 'Uses nodes of the device tree that are disabled.',
  'iommus-first-entry-only': 'Looks at the first entry of iommus only.',
  'iommu-cells-ignored': 'Takes every IOMMU in a device tree for one with a single cell.',
  'second-bridge-ignored': 'Reads the iommu-map of the first root complex only.',
  'shared-id-in-two-domains': 'Attaches each function to a domain of its own although two have the same ID.',
  'shared-id-moved-in-use': 'Moves a function to another domain while the driver of one with the same ID goes on.',

  // ACPI VIOT. Segments: B2-09, rust-vmm/acpi_tables#34 (2024).
  'segment-ignored': 'Takes a PCI range of any segment for one of the first.',
  'viot-revision-checked': 'Makes nothing of a VIOT whose revision is not 0.',
  'viot-nodes-behind-header': 'Takes the first node of a VIOT to follow its header, whatever node_offset says.',
  'viot-reserved-checked': 'Leaves out nodes of a VIOT whose reserved byte is not 0.',

  // Endpoints that cannot be isolated
  'conventional-bus-split': 'Attaches functions on one conventional PCI bus to domains of their own.',
  'group-left-behind': 'Moves one endpoint to another domain, and leaves those behind that it cannot be isolated from.',
  'functions-taken-for-one': 'Looks every function of a device up as if it were function 0.',
  'range-id-16-bit': 'Cuts the endpoint IDs of a range to 16 bits.',

  // Built-in topology: experimental
  'built-in-first-structure-only': 'Reads only the first structure of the list in the configuration.',
  'built-in-range-offset-ignored':
    'Names functions by their requester ID, whatever the structure in the configuration says.',

  // Several IOMMUs
  'first-iommu-for-all': 'Sends the requests for all endpoints to the first IOMMU.',
  'first-iommu-only': 'Brings up the first IOMMU only.',
  'same-id-taken-for-same-endpoint': 'Takes endpoints with one ID, each at an IOMMU of its own, for one endpoint.',
  'config-of-first-iommu': 'Takes the configuration of the first IOMMU for that of all.',
  'maps-at-first-iommu-only': 'Maps at one IOMMU only what a domain has to map at several.',
  'unmaps-at-first-iommu-only': 'Unmaps at one IOMMU only what a domain has mapped at several.',
  'one-iommu-lost-all-lost': 'Uses no IOMMU at all if one of them does not come up.',
} as const satisfies Record<string, string>;
