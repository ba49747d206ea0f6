/** Numbers that every virtio device shares: status bits, split ring layout, PCI capability types. */

/** Bits of device_status (2.1). */
export const STATUS = {
  ACKNOWLEDGE: 1,
  DRIVER: 2,
  DRIVER_OK: 4,
  FEATURES_OK: 8,
  SUSPEND: 16,
  DEVICE_NEEDS_RESET: 64,
  FAILED: 128,
} as const;

/** Virtio device IDs (chapter 5). */
export const DEVICE_ID = { NET: 1, BLOCK: 2, ENTROPY: 4, IOMMU: 23 } as const;

/** Bits of a descriptor's flags (2.7.5); AVAIL and USED in a packed ring only (2.8.1). */
export const VIRTQ_DESC_F = { NEXT: 1, WRITE: 2, INDIRECT: 4, AVAIL: 1 << 7, USED: 1 << 15 } as const;

/** desc_event_flags of an event suppression structure (2.8.10). 3 is reserved. */
export const RING_EVENT_FLAGS = { ENABLE: 0, DISABLE: 1, DESC: 2 } as const;

/** Bit of the available ring's flags: the driver asks for no used buffer notifications (2.7.7). */
export const VIRTQ_AVAIL_F_NO_INTERRUPT = 1;

/** Bit of the used ring's flags: the device asks for no available buffer notifications (2.7.10). */
export const VIRTQ_USED_F_NO_NOTIFY = 1;

/** Bytes of one descriptor, in a queue's table or in an indirect one (2.7.5). */
export const DESCRIPTOR_BYTES = 16;

/** Where things lie in a split queue of `size` entries; offsets and lengths in bytes (2.7). */
export const splitRing = {
  descriptorTableLength: (size: number): number => DESCRIPTOR_BYTES * size,
  /** flags, idx, ring[size], used_event */
  driverAreaLength: (size: number): number => 6 + 2 * size,
  availRingOffset: (slot: number): number => 4 + 2 * slot,
  usedEventOffset: (size: number): number => 4 + 2 * size,
  /** flags, idx, ring[size] of id and len, avail_event */
  deviceAreaLength: (size: number): number => 6 + 8 * size,
  usedRingOffset: (slot: number): number => 4 + 8 * slot,
  availEventOffset: (size: number): number => 4 + 8 * size,
} as const;

/** Where things lie in a packed queue; offsets and lengths in bytes (2.8.13, 2.8.14). */
export const packedRing = {
  descriptorRingLength: (size: number): number => DESCRIPTOR_BYTES * size,
  /** Each of the two event suppression structures. */
  eventSuppressionLength: 4,
  eventDescOffset: 0,
  eventFlagsOffset: 2,
  lenOffset: 8,
  idOffset: 12,
  flagsOffset: 14,
} as const;

/** Bit of an offset in a packed ring that carries the wrap counter (2.8.14, 2.9). */
export const WRAP_BIT = 1 << 15;

/** cfg_type of a virtio PCI capability (4.1.4). */
export const VIRTIO_PCI_CAP = {
  COMMON_CFG: 1,
  NOTIFY_CFG: 2,
  ISR_CFG: 3,
  DEVICE_CFG: 4,
  PCI_CFG: 5,
  VENDOR_CFG: 9,
} as const;

/** PCI vendor ID of virtio devices, and what their PCI device IDs start from (4.1.2). */
export const VIRTIO_PCI_VENDOR = 0x1af4;
export const VIRTIO_PCI_DEVICE_BASE = 0x1040;

/** Vector register value for an event that is mapped to no vector (4.1.5.1.2). */
export const VIRTIO_MSI_NO_VECTOR = 0xffff;

/** Bits of the ISR status byte (4.1.4.5). */
export const ISR = { QUEUE: 1, CONFIG: 2 } as const;
