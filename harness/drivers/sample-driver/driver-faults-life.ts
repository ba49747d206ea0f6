/** Mistakes in the life of a device that runs: suspension, arrival and departure. */
export const LIFE_FAULTS = {
  // Suspension
  'suspend-without-feature': 'Sets SUSPEND although VIRTIO_F_SUSPEND was not accepted.',
  'suspend-not-verified': 'Sets SUSPEND and takes the device for suspended without a look at device_status.',
  'suspend-checks-own-bit-only': 'Takes the device for suspended when SUSPEND reads 1, whatever DRIVER_OK reads.',
  'suspend-turns-bypass-on': 'Turns the global bypass on once the device is suspended.',
  'suspend-kicks-late': 'Notifies the device of both queues once it is suspended.',
  'suspended-requests-sent': 'Sends requests to a suspended device.',
  'suspended-event-buffers-returned': 'Gives event buffers back to a suspended device.',
  'suspended-bypass-written': 'Writes the global bypass of a suspended device when it is asked to.',
  'resume-not-awaited': 'Sets DRIVER_OK to go on and uses the device without a look at device_status.',
  'resume-checks-own-bit-only': 'Takes the device for running again when DRIVER_OK reads 1, whatever SUSPEND reads.',

  // Arrival and departure
  'plug-without-probe': 'Takes the properties of the endpoint that was in the slot before for those of its successor.',
  'plug-without-attach':
    'Maps for an endpoint that has come later in the domain of another, without having attached it.',
  'plug-untranslated': 'Starts the driver of an endpoint that has come later as if there were no IOMMU.',
  'unplugged-endpoint-kept': 'Knows an endpoint that was taken out as if it were still there.',
  'ended-domain-kept': 'Keeps a domain that was ended, with all that was mapped in it, for one of the same name.',

  // The way down. Linux brought no virtio device to rest before 8bd2fa086a04 (2025)
  'shutdown-does-nothing': 'Answers ok to a shutdown, and leaves every device as it is.',
  'shutdown-leaves-endpoints': 'Resets the IOMMU on shutdown, and no endpoint.',
  'shutdown-iommu-first': 'Resets the IOMMU on shutdown before the endpoints.',
  'shutdown-leaves-iommu': 'Resets the endpoints on shutdown, and not the IOMMU.',
  'gone-iommu-believed': 'Does not see that the IOMMU reads all ones, and takes a request without an answer for done.',
} as const satisfies Record<string, string>;
