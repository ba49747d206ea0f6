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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn property(kind: u16, length: u16, value: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), &length.to_le_bytes(), value].concat()
    }

    fn resv_mem(subtype: u8, first: u64, last: u64) -> Vec<u8> {
        property(1, 20, &[&[subtype, 0, 0, 0][..], &first.to_le_bytes(), &last.to_le_bytes()].concat())
    }

    #[test]
    fn regions_are_found_among_what_nobody_knows() {
        let list =
            [property(0x77, 3, &[1, 2, 3]), resv_mem(1, 0x1000, 0x1fff), resv_mem(9, 5, 5), vec![0; 40]].concat();
        let regions = [Region { first: 0x1000, last: 0x1fff, msi: true }, Region { first: 5, last: 5, msi: false }];
        assert_eq!(read_regions(&list), regions);
        assert_eq!(region_in(&regions, 0x1fff, u64::MAX), Some(&regions[0]));
        assert_eq!(region_in(&regions, 6, 0xfff), None);
    }

    #[test]
    fn what_lies_about_its_length_is_left_out() {
        for list in [
            vec![1],
            property(1, u16::MAX, &[0; 40]),
            property(1, 21, &[0; 20]),
            property(1, 19, &[0; 19]),
            property(1, 0, &[]),
            resv_mem(0, 2, 1),
            [vec![0; 4], resv_mem(0, 1, 2)].concat(),
        ] {
            assert_eq!(read_regions(&list), [], "{:?}", list);
        }
    }
}
