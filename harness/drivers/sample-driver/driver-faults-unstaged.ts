/**
 * Mistakes that no case has to catch: no machine and no sequence of verbs in the catalogue brings them out, or a case that
 * does so was made for another. The stimuli that are generated will stage them; a fault that a case names moves to its table.
 */
export const UNSTAGED_FAULTS = {
  // MAP and UNMAP
  'doorbell-mmio-without-feature':
    'Maps the doorbell of interrupts with the flag MMIO although VIRTIO_IOMMU_F_MMIO was not accepted.',

  'disk-status-misread': 'Reads the status of a request to the disk from its header.',
} as const satisfies Record<string, string>;
