/**
 * Mistakes that no case has to catch: no machine and no sequence of verbs in the catalogue brings them out, or a case that
 * does so was made for another. The stimuli that are generated will stage them; a fault that a case names moves to its table.
 */
export const UNSTAGED_FAULTS = {
  // Properties
  'first-regions-only': 'Heeds the reserved regions of the first endpoint in a domain only.',

  // MAP and UNMAP
  'doorbell-mmio-without-feature':
    'Maps the doorbell of interrupts with the flag MMIO although VIRTIO_IOMMU_F_MMIO was not accepted.',
  'unmap-top': 'Takes a range up to the last of all addresses for an empty one, and sends no UNMAP for it.',
  'top-overflow': 'Finds no free address where input_range goes up to the last of all addresses.',
  'table-cap-64': 'Forgets the mappings of a domain beyond the sixty-fourth, and sends no UNMAP for them.',
  'domain-leak': 'Never uses the number of a domain again, and leaves domain_range when there are no others.',
  'error-path-keeps-mapping': 'Leaves mapped what it had mapped for an endpoint whose driver could not be started.',

  // Queues
  'event-early': 'Gives an event buffer back, and then reads the record in it.',
  'disk-status-misread': 'Reads the status of a request to the disk from its header.',
} as const satisfies Record<string, string>;
