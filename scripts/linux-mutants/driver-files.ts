/** The drivers of Linux that mistakes are planted in, each a module of its own. */
export const DRIVER_FILES = {
  'virtio-iommu': 'drivers/iommu/virtio-iommu.c',
  virtio_mmio: 'drivers/virtio/virtio_mmio.c',
} as const;

/** A module by the name of its file. */
export type DriverName = keyof typeof DRIVER_FILES;
