/** Mistakes that only a driver of virtio-mmio can make: registers, queues, the interrupt line. */
export const MMIO_FAULTS = {
  // The first registers
  'mmio-magic-unchecked': 'Uses a device with another MagicValue.',
  'mmio-version-unchecked': 'Uses a device whose Version is not 2.',
  'mmio-device-id-0-used': 'Goes on with a device whose DeviceID is 0.',
  'mmio-device-id-first': 'Reads DeviceID before MagicValue and Version.',
  'mmio-device-id-unread': 'Never reads DeviceID.',
  'mmio-starts-with-queues': 'Looks at the queues before it has reset or acknowledged the device.',

  // Accesses
  'mmio-legacy-registers': 'Writes GuestPageSize, which version 2 does not have.',
  'mmio-writes-read-only': 'Writes ConfigGeneration.',
  'mmio-reads-write-only': 'Reads QueueSize back.',
  'mmio-byte-access': 'Reads Status with an 8-bit access.',
  'mmio-device-features-unselected': 'Reads DeviceFeatures without having written DeviceFeaturesSel.',
  'mmio-driver-features-unselected': 'Writes DriverFeatures without having written DriverFeaturesSel.',
  'mmio-shared-memory-looked-for': 'Looks for a shared memory region, which this device type has none of.',

  // Queues
  'mmio-queue-in-use-unchecked': 'Sets a queue up without having looked at QueueReady.',
  'mmio-queue-ready-not-read-back': 'Writes 0 to QueueReady and does not read it back.',
  'mmio-notifies-with-count': 'Writes the number of its notifications to QueueNotify, not the index of the queue.',

  // Interrupts
  'mmio-interrupt-status-unread': 'Acknowledges without having read InterruptStatus.',
  'mmio-ack-forgotten': 'Never writes InterruptACK.',
  'mmio-acks-everything': 'Sets all bits of InterruptACK.',
  'mmio-undefined-status-gives-up': 'Gives the device up when InterruptStatus has undefined bits.',
} as const satisfies Record<string, string>;
