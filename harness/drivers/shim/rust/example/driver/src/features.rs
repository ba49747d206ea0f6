//! Features (5.13.3, chapter 6) by their bits, and what this driver makes of them.

pub const F_INPUT_RANGE: u32 = 0;
pub const F_DOMAIN_RANGE: u32 = 1;
pub const F_MAP_UNMAP: u32 = 2;
pub const F_PROBE: u32 = 4;
pub const F_BYPASS_CONFIG: u32 = 6;
pub const F_EVENT_IDX: u32 = 29;
pub const F_VERSION_1: u32 = 32;
pub const F_ACCESS_PLATFORM: u32 = 33;
pub const F_ORDER_PLATFORM: u32 = 36;
pub const F_NOTIF_CONFIG_DATA: u32 = 39;

/// A word of features.
const fn bits<const N: usize>(features: [u32; N]) -> u64 {
    let mut bits = 0;
    let mut index = 0;
    while index < N {
        bits |= 1 << features[index];
        index += 1;
    }
    bits
}

/// What every driver here can do with its queues and addresses.
const COMMON: u64 = bits([F_EVENT_IDX, F_ACCESS_PLATFORM, F_ORDER_PLATFORM, F_NOTIF_CONFIG_DATA]);

/// Without these the IOMMU's driver gives up; and what there is of those is accepted.
pub const IOMMU_NEEDED: u64 = bits([F_VERSION_1, F_MAP_UNMAP]);
pub const IOMMU_WANTED: u64 = COMMON | bits([F_INPUT_RANGE, F_DOMAIN_RANGE, F_PROBE, F_BYPASS_CONFIG]);

/// The same of the entropy device's driver.
pub const RNG_NEEDED: u64 = bits([F_VERSION_1]);
pub const RNG_WANTED: u64 = COMMON;
