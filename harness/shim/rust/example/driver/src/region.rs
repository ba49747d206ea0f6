//! What an endpoint must not be given, as PROBE tells it (5.13.6.7).

use alloc::vec::Vec;

/// A range that must not be mapped; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its first address.
    pub first: u64,
    /// Its last address.
    pub last: u64,
    /// Whether interrupts are written there.
    pub msi: bool,
}

/// The region that the range touches.
pub fn region_in(regions: &[Region], first: u64, last: u64) -> Option<&Region> {
    regions.iter().find(|region| region.first <= last && first <= region.last)
}

/// RESV_MEM among the properties (5.13.6.8). What is not MSI is reserved, also if nobody knows it.
pub fn read_regions(properties: &[u8]) -> Vec<Region> {
    let u64_of = |bytes: &[u8]| bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte));
    let mut regions = Vec::new();
    let mut rest = properties;
    while rest.len() >= 4 {
        let (kind, length) = (u64_of(&rest[..2]), u64_of(&rest[2..4]) as usize);
        let value = match rest.get(4..4 + length) {
            Some(value) if kind != 0 => value,
            _ => break,
        };
        if kind == 1 && length >= 20 {
            let region = Region { first: u64_of(&value[4..12]), last: u64_of(&value[12..20]), msi: value[0] == 1 };
            regions.extend(Some(region).filter(|it| it.first <= it.last));
        }
        rest = &rest[4 + length..];
    }
    regions
}
