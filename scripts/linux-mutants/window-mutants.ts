/** Mistakes of the transport in a window of registers. The words between quotes are found in Linux 6.12. */
import type { Mutant } from './mutant.ts';

const TRANSPORT = { driver: 'virtio_mmio', cases: ['transport-mmio/plain-use'] } as const;

export const WINDOW_MUTANTS: readonly Mutant[] = [
  {
    ...TRANSPORT,
    name: 'mmio-magic-unchecked',
    edits: [
      { in: 'virtio_mmio_probe', find: "if (magic != ('v' | 'i' << 8 | 'r' << 16 | 't' << 24))", replace: 'if (0)' },
    ],
    cases: ['transport-mmio/strangers'],
  },
  {
    ...TRANSPORT,
    name: 'mmio-ready-before-addresses',
    edits: [
      {
        in: 'vm_setup_vq',
        find: 'addr = virtqueue_get_desc_addr(vq);',
        replace: 'writel(1, vm_dev->base + VIRTIO_MMIO_QUEUE_READY);\n\t\taddr = virtqueue_get_desc_addr(vq);',
      },
    ],
  },
  {
    ...TRANSPORT,
    name: 'mmio-queue-not-read-back',
    edits: [{ in: 'vm_del_vq', find: 'WARN_ON(readl(vm_dev->base + VIRTIO_MMIO_QUEUE_READY));', replace: '' }],
  },
  {
    ...TRANSPORT,
    name: 'mmio-notify-of-16-bits',
    edits: [{ in: 'vm_notify', find: 'writel(', replace: 'writew(' }],
  },
  {
    ...TRANSPORT,
    name: 'mmio-configuration-by-bytes',
    edits: [{ in: 'vm_get', find: 'vm_dev->version == 1', replace: '1' }],
  },
  {
    ...TRANSPORT,
    name: 'mmio-generation-unread',
    edits: [{ in: 'vm_generation', find: 'vm_dev->version == 1', replace: '1' }],
  },
  {
    ...TRANSPORT,
    name: 'mmio-undefined-bits-acknowledged',
    edits: [{ in: 'vm_interrupt', find: 'writel(status,', replace: 'writel(status | 4,' }],
  },
  {
    ...TRANSPORT,
    name: 'mmio-upper-halves-forgotten',
    edits: [
      {
        in: 'vm_get_features',
        find: 'writel(1, vm_dev->base + VIRTIO_MMIO_DEVICE_FEATURES_SEL);',
        replace: 'writel(0, vm_dev->base + VIRTIO_MMIO_DEVICE_FEATURES_SEL);',
      },
    ],
  },
  {
    name: 'unmap-one-short-in-a-window',
    edits: [{ in: 'viommu_unmap_pages', find: 'iova + unmapped - 1', replace: 'iova + unmapped - 2' }],
    cases: ['transport-mmio/plain-use'],
  },
];
