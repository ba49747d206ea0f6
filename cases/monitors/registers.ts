import type { EventOf, FeatureName, TraceEvent } from '../api/index.ts';

/** A field of a register structure: where it lies, and how wide it is (bytes). */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly isReadOnly?: boolean;
  /** By which feature it exists. */
  readonly feature?: FeatureName;
}

const field = (
  offset: number,
  size: Field['size'],
  name: string,
  more: Pick<Field, 'isReadOnly' | 'feature'> = {},
): Field => ({ name, offset, size, ...more });

const isReadOnly = true;

/** struct virtio_pci_common_cfg (4.1.4.3). */
export const COMMON_FIELDS: readonly Field[] = [
  field(0, 4, 'device_feature_select'),
  field(4, 4, 'device_feature', { isReadOnly }),
  field(8, 4, 'driver_feature_select'),
  field(12, 4, 'driver_feature'),
  field(16, 2, 'config_msix_vector'),
  field(18, 2, 'num_queues', { isReadOnly }),
  field(20, 1, 'device_status'),
  field(21, 1, 'config_generation', { isReadOnly }),
  field(22, 2, 'queue_select'),
  field(24, 2, 'queue_size'),
  field(26, 2, 'queue_msix_vector'),
  field(28, 2, 'queue_enable'),
  field(30, 2, 'queue_notify_off', { isReadOnly }),
  field(32, 8, 'queue_desc'),
  field(40, 8, 'queue_driver'),
  field(48, 8, 'queue_device'),
  field(56, 2, 'queue_notif_config_data', { isReadOnly, feature: 'VIRTIO_F_NOTIF_CONFIG_DATA' }),
  field(58, 2, 'queue_reset', { feature: 'VIRTIO_F_RING_RESET' }),
  field(60, 2, 'admin_queue_index', { feature: 'VIRTIO_F_ADMIN_VQ' }),
  field(62, 2, 'admin_queue_num', { feature: 'VIRTIO_F_ADMIN_VQ' }),
];

/** struct virtio_iommu_config (5.13.4) without its reserved bytes. */
export const CONFIG_FIELDS: readonly Field[] = [
  field(0, 8, 'page_size_mask'),
  field(8, 8, 'input_range.start', { feature: 'VIRTIO_IOMMU_F_INPUT_RANGE' }),
  field(16, 8, 'input_range.end', { feature: 'VIRTIO_IOMMU_F_INPUT_RANGE' }),
  field(24, 4, 'domain_range.start', { feature: 'VIRTIO_IOMMU_F_DOMAIN_RANGE' }),
  field(28, 4, 'domain_range.end', { feature: 'VIRTIO_IOMMU_F_DOMAIN_RANGE' }),
  field(32, 4, 'probe_size', { feature: 'VIRTIO_IOMMU_F_PROBE' }),
  field(36, 1, 'bypass', { feature: 'VIRTIO_IOMMU_F_BYPASS_CONFIG' }),
];

export type RegisterAccess = EventOf<'register-read' | 'register-write'>;

export const isAccess = (event: TraceEvent): event is RegisterAccess =>
  event.kind === 'register-read' || event.kind === 'register-write';

export const verbOf = ({ kind }: RegisterAccess): string => (kind === 'register-read' ? 'read' : 'written');

/** The fields that an access touches. */
export const touched = (fields: readonly Field[], { offset, width }: RegisterAccess): Field[] =>
  fields.filter((field) => offset < field.offset + field.size && field.offset < offset + width);

/**
 * Whether an access has a field's natural width and alignment; 64-bit fields are two 32-bit halves.
 * Source: pci/driver/layout/access-width.
 */
export function natural(field: Field, { offset, width }: RegisterAccess): boolean {
  if (field.size === 8) return width === 4 && (offset === field.offset || offset === field.offset + 4);
  return width === field.size && offset === field.offset;
}

/** Fields of the common configuration that virtio-mmio has as registers of its own (4.2.2), by their offsets there. */
const MMIO_OFFSETS = {
  device_feature: 0x010,
  driver_feature: 0x020,
  driver_feature_select: 0x024,
  queue_enable: 0x044,
  config_generation: 0x0fc,
} as const;

/** What both transports have, under the name that it has on PCI. */
export type SharedField = keyof typeof MMIO_OFFSETS;

/** Whether `event` accesses the field `name` of the common configuration of virtio-pci, from its first byte on. */
export function isCommon<K extends RegisterAccess['kind']>(
  event: TraceEvent,
  kind: K,
  name: string,
): event is EventOf<K> {
  return (
    event.kind === kind &&
    event.structure === 'common' &&
    COMMON_FIELDS.some((field) => field.name === name && field.offset === event.offset)
  );
}

/** Like `isCommon`, on either transport. */
export function accesses<K extends RegisterAccess['kind']>(
  event: TraceEvent,
  kind: K,
  name: SharedField,
): event is EventOf<K> {
  if (event.kind === kind && event.structure === 'mmio') return event.offset === MMIO_OFFSETS[name];
  return isCommon(event, kind, name);
}

/** Whether a queue is being enabled. */
export const enablesQueue = (event: TraceEvent): event is EventOf<'register-write'> =>
  accesses(event, 'register-write', 'queue_enable') && event.value !== 0n;
