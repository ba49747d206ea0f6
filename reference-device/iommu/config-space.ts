import type { IommuConfig } from '../machine-setup.ts';
import { hasFeature } from '../wire/features.ts';
import { Config } from '../wire/iommu.ts';

/** A copy of its owner's: changes at run time and the driver's writes go to it. */
export type MutableConfig = { -readonly [K in keyof IommuConfig]: IommuConfig[K] };

/** What `bypass-reads-high-bits` adds: bits 1-7. */
const BYPASS_HIGH_BITS = 0xfe;

/**
 * The bytes as the driver reads them now (5.13.4). A field whose feature is not in the word `offered` reads as
 * zero. `core/device/config/readable-before-features-ok`
 */
export function configBytes(config: IommuConfig, offered: bigint, bypassReadsHighBits: boolean): Uint8Array {
  const { page_size_mask, input_range, domain_range, probe_size, bypass } = config;
  return Config.encode({
    page_size_mask,
    ...(hasFeature(offered, 'VIRTIO_IOMMU_F_INPUT_RANGE')
      ? { input_range_start: input_range.start, input_range_end: input_range.end }
      : {}),
    ...(hasFeature(offered, 'VIRTIO_IOMMU_F_DOMAIN_RANGE')
      ? { domain_range_start: domain_range.start, domain_range_end: domain_range.end }
      : {}),
    ...(hasFeature(offered, 'VIRTIO_IOMMU_F_PROBE') ? { probe_size } : {}),
    ...(hasFeature(offered, 'VIRTIO_IOMMU_F_BYPASS_CONFIG')
      ? { bypass: bypassReadsHighBits ? bypass | BYPASS_HIGH_BITS : bypass }
      : {}),
  });
}

/**
 * Takes a write of `data` at `offset`: into `bypass` if it is writable, nowhere else. Offsets and lengths may be anything.
 * Whether `bypass` was written.
 */
export function writeConfigBytes(config: MutableConfig, accepted: bigint, offset: number, data: DataView): boolean {
  // 5.13.4.1: only once BYPASS_CONFIG is negotiated, and only this byte.
  if (!hasFeature(accepted, 'VIRTIO_IOMMU_F_BYPASS_CONFIG')) return false;
  const index = Config.offsets.bypass - offset;
  if (index < 0 || index >= data.byteLength) return false;
  const value = data.getUint8(index);
  // iommu/device/config/bypass-presents-0-or-1: another value is not kept, so that it cannot be read back.
  if (value !== 0 && value !== 1) return false;
  config.bypass = value;
  return true;
}
