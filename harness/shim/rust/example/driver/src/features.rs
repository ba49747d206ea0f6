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

/// Without these the driver gives up.
pub const NEEDED: u64 = bits([F_VERSION_1, F_MAP_UNMAP]);
/// What there is of these is accepted.
pub const WANTED: u64 = bits([
    F_INPUT_RANGE,
    F_DOMAIN_RANGE,
    F_PROBE,
    F_BYPASS_CONFIG,
    F_EVENT_IDX,
    F_ACCESS_PLATFORM,
    F_ORDER_PLATFORM,
    F_NOTIF_CONFIG_DATA,
]);
