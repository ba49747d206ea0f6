/** Mistakes that only a driver of virtio-mmio can make: registers, queues, the interrupt line. */
export const MMIO_FAULTS = {
  // The first registers
  'mmio-magic-unchecked': 'Uses a device with another MagicValue.',
  'mmio-version-unchecked': 'Uses a device whose Version is not 2.',
  'mmio-device-id-0-used': 'Goes on with a device whose DeviceID is 0.',
  'mmio-device-id-first': 'Reads DeviceID before MagicValue and Version.',
  'mmio-device-id-unread': 'Never reads DeviceID.',
  'mmio-vendor-id-first': 'Reads VendorID before DeviceID.',
  'mmio-reset-before-look': 'Resets what is in the window before it has read MagicValue.',
  'mmio-stranger-reset': 'Writes 0 to Status of a device that it then leaves alone.',
  'mmio-starts-with-queues': 'Looks at the queues before it has reset or acknowledged the device.',

  // Accesses
  'mmio-legacy-registers': 'Writes GuestPageSize, which version 2 does not have.',
  'mmio-writes-read-only': 'Writes ConfigGeneration.',
  'mmio-reads-write-only': 'Reads QueueSize back.',
  'mmio-byte-access': 'Reads Status with an 8-bit access.',
  'mmio-device-features-unselected': 'Reads DeviceFeatures without having written DeviceFeaturesSel.',
  'mmio-driver-features-unselected': 'Writes DriverFeatures without having written DriverFeaturesSel.',
  'mmio-features-never-selected':
    'Never writes DeviceFeaturesSel and DriverFeaturesSel, and takes the first word for all.',
  'mmio-config-read-beyond': 'Reads the device configuration beyond its end.',
  'mmio-shared-memory-selected': 'Writes SHMSel, and this device type has no shared memory.',
  'mmio-shared-memory-looked-for': 'Looks for a shared memory region, which this device type has none of.',

  // Queues
  'mmio-queue-in-use-unchecked': 'Sets a queue up without having looked at QueueReady.',
  'mmio-queue-ready-not-read-back': 'Writes 0 to QueueReady and does not read it back.',
  'mmio-queue-ready-read-too-early': 'Reads QueueReady before it writes 0 there, and not after that.',
  'mmio-notifies-by-half-words': 'Writes 16 bits to QueueNotify, as on PCI.',
  'mmio-notifies-with-count': 'Writes the number of its notifications to QueueNotify, not the index of the queue.',

  // Interrupts
  'mmio-interrupt-status-unread': 'Acknowledges without having read InterruptStatus.',
  'mmio-interrupts-ignored': 'Looks at the used rings from time to time and never at InterruptStatus.',
  'mmio-config-change-not-acked': 'Acknowledges used buffers, but no configuration changes.',
  'mmio-clears-interrupt-status': 'Writes 0 to InterruptStatus to acknowledge.',
  'mmio-reads-interrupt-ack': 'Reads InterruptACK back.',
  'mmio-acks-what-it-read': 'Acknowledges all bits that InterruptStatus had, undefined ones too.',
  'mmio-ack-forgotten': 'Never writes InterruptACK.',
  'mmio-acks-everything': 'Sets all bits of InterruptACK.',
  'mmio-undefined-status-resets': 'Resets the device when InterruptStatus has undefined bits, and tells nobody.',
  'mmio-undefined-status-gives-up': 'Gives the device up when InterruptStatus has undefined bits.',
} as const satisfies Record<string, string>;
