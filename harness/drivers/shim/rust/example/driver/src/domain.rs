//! A domain: what is mapped in it. It outlives the device's own when the last endpoint leaves.

use crate::Problem;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A range of a domain's addresses, and what it leads to; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Its first address.
    pub first: u64,
    /// Its last address.
    pub last: u64,
    /// What the first address leads to.
    pub physical: u64,
    /// Endpoints may read.
    pub read: bool,
    /// Endpoints may write.
    pub write: bool,
}

pub struct Domain {
    pub number: u32,
    pub bypass: bool,
    mappings: BTreeMap<u64, Mapping>,
}

const CUT: Problem = "the range would cut a mapping in two";

impl Domain {
    pub fn new(number: u32, bypass: bool) -> Self {
        Domain { number, bypass, mappings: BTreeMap::new() }
    }

    pub fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings.values()
    }

    /// The highest mapping that the range touches.
    pub fn mapping_in(&self, first: u64, last: u64) -> Option<&Mapping> {
        // Mappings do not overlap: only the last one that begins before the range ends can reach into it.
        self.mappings.range(..=last).next_back().map(|(_, mapping)| mapping).filter(|mapping| mapping.last >= first)
    }

    pub fn insert(&mut self, mapping: Mapping) {
        self.mappings.insert(mapping.first, mapping);
    }

    /// The mappings that lie in the range, in their order: at least one, and none that lies in it in part.
    pub fn whole_mappings(&self, first: u64, last: u64) -> Result<Vec<Mapping>, Problem> {
        if first > last {
            return Err("the range ends before it begins");
        }
        let inside: Vec<Mapping> = self.mappings.range(first..=last).map(|(_, mapping)| *mapping).collect();
        let enters = first.checked_sub(1).and_then(|before| self.mapping_in(before, before));
        if enters.map_or(false, |mapping| mapping.last >= first) || inside.iter().any(|mapping| mapping.last > last) {
            return Err(CUT);
        }
        if inside.is_empty() {
            return Err("nothing is mapped there");
        }
        Ok(inside)
    }

    pub fn remove(&mut self, mappings: &[Mapping]) {
        for mapping in mappings {
            self.mappings.remove(&mapping.first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u64, pages: u64) -> Mapping {
        let first = number << 12;
        Mapping { first, last: first + (pages << 12) - 1, physical: 0, read: true, write: true }
    }

    fn domain() -> Domain {
        let mut domain = Domain::new(1, false);
        for mapping in [page(1, 1), page(2, 4), page(8, 1)] {
            domain.insert(mapping);
        }
        domain
    }

    #[test]
    fn only_whole_mappings_are_given() {
        assert_eq!(domain().whole_mappings(0, 0xffff), Ok([page(1, 1), page(2, 4), page(8, 1)].to_vec()));
        assert_eq!(domain().whole_mappings(0x1000, 0x1fff), Ok([page(1, 1)].to_vec()));
        assert_eq!(domain().whole_mappings(0x2000, 0x4fff), Err(CUT));
        assert_eq!(domain().whole_mappings(0x3000, 0x5fff), Err(CUT));
        assert_eq!(domain().whole_mappings(0x3000, 0x3fff), Err(CUT));
        assert!(domain().whole_mappings(0x6000, 0x7fff).is_err());
    }

    #[test]
    fn a_mapping_is_found_by_any_address_in_it() {
        assert_eq!(domain().mapping_in(0x5fff, 0x5fff), Some(&page(2, 4)));
        assert_eq!(domain().mapping_in(0, u64::MAX), Some(&page(8, 1)));
        assert_eq!(domain().mapping_in(0x6000, 0x7fff), None);
        assert_eq!(domain().mapping_in(0, 0xfff), None);
    }
}
