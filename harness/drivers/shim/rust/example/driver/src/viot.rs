//! ACPI VIOT: which endpoints are behind the IOMMU, and by which IDs.

/// Where a device is, as the table says it. There is one PCI segment here, number 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// A PCI function: `bus << 8 | device << 3 | function`.
    Pci(u16),
    /// The base address of a window of registers.
    Window(u64),
}

const HEADER_SIZE: usize = 48;
const NODE_SIZE_MIN: usize = 4;

/// A little-endian number of `width` bytes; 0 where the table has ended.
fn number(table: &[u8], offset: usize, width: usize) -> u64 {
    let bytes = offset.checked_add(width).and_then(|end| table.get(offset..end)).unwrap_or(&[]);
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

fn is_sound(table: &[u8]) -> bool {
    table.len() >= HEADER_SIZE
        && table.starts_with(b"VIOT")
        && number(table, 4, 4) == table.len() as u64
        && table.iter().fold(0u8, |sum, &byte| sum.wrapping_add(byte)) == 0
}

/// Whether the node at `offset` is that IOMMU.
fn is_iommu(table: &[u8], offset: u64, iommu: Location) -> bool {
    let node = offset as usize;
    match (number(table, node, 1), iommu) {
        (3, Location::Pci(bdf)) => number(table, node + 4, 2) == 0 && number(table, node + 6, 2) == bdf.into(),
        (4, Location::Window(base)) => number(table, node + 8, 8) == base,
        _ => false,
    }
}

/// The ID that this node gives the endpoint.
fn id_by(table: &[u8], node: usize, endpoint: Location) -> Option<u32> {
    let first_id = number(table, node + 4, 4) as u32;
    match (number(table, node, 1), endpoint) {
        (1, Location::Pci(bdf)) => {
            let (first, last) = (number(table, node + 12, 2), number(table, node + 14, 2));
            let inside = number(table, node + 8, 2) == 0 && (first..=last).contains(&bdf.into());
            inside.then(|| first_id.wrapping_add(u32::from(bdf) - first as u32))
        }
        (2, Location::Window(base)) => Some(first_id).filter(|_| number(table, node + 8, 8) == base),
        _ => None,
    }
}

/// The ID of an endpoint behind that IOMMU. None if it is not behind it, or the table is damaged.
pub fn endpoint_id(table: &[u8], iommu: Location, endpoint: Location) -> Option<u32> {
    if !is_sound(table) {
        return None;
    }
    let mut node = number(table, 38, 2) as usize;
    for _ in 0..number(table, 36, 2) {
        let size = number(table, node + 2, 2) as usize;
        if size < NODE_SIZE_MIN {
            return None;
        }
        let found = id_by(table, node, endpoint).filter(|_| is_iommu(table, number(table, node + 16, 2), iommu));
        if found.is_some() {
            return found;
        }
        node += size;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const IOMMU: Location = Location::Pci(0x10);

    /// A table with these nodes; the IOMMU's comes first, at offset 48.
    fn table(count: u16, nodes: &[&[u8]]) -> Vec<u8> {
        let iommu = [3, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let mut table = [&[0; 48][..], &iommu, &nodes.concat()].concat();
        table[..4].copy_from_slice(b"VIOT");
        let size = (table.len() as u32).to_le_bytes();
        table[4..8].copy_from_slice(&size);
        table[36..38].copy_from_slice(&count.to_le_bytes());
        table[38] = 48;
        table[9] = table.iter().fold(0, |sum: u8, &byte| sum.wrapping_sub(byte));
        table
    }

    /// Functions 00:03.0 to 00:04.0 from ID 0x100 on.
    const RANGE: [u8; 24] = [1, 0, 24, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x18, 0, 0x20, 0, 48, 0, 0, 0, 0, 0, 0, 0];

    #[test]
    fn ids_count_from_the_first_of_a_range() {
        let table = table(2, &[&RANGE]);
        assert_eq!(endpoint_id(&table, IOMMU, Location::Pci(0x18)), Some(0x100));
        assert_eq!(endpoint_id(&table, IOMMU, Location::Pci(0x20)), Some(0x108));
        assert_eq!(endpoint_id(&table, IOMMU, Location::Pci(0x17)), None);
        assert_eq!(endpoint_id(&table, IOMMU, Location::Pci(0x21)), None);
        assert_eq!(endpoint_id(&table, Location::Pci(0x11), Location::Pci(0x18)), None);
    }

    #[test]
    fn a_damaged_table_has_no_endpoints() {
        let good = table(2, &[&RANGE]);
        for length in 0..good.len() {
            assert_eq!(endpoint_id(&good[..length], IOMMU, Location::Pci(0x18)), None, "{} bytes", length);
        }
        let mut bad = good;
        bad[30] = 1;
        assert_eq!(endpoint_id(&bad, IOMMU, Location::Pci(0x18)), None);
    }

    #[test]
    fn nodes_that_lead_nowhere_end_the_search() {
        let mut empty = RANGE;
        empty[2] = 0;
        assert_eq!(endpoint_id(&table(2, &[&empty]), IOMMU, Location::Pci(0x30)), None);
        let mut beyond = RANGE;
        beyond[2..4].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(endpoint_id(&table(u16::MAX, &[&beyond]), IOMMU, Location::Pci(0x30)), None);
        let mut nobody = RANGE;
        nobody[16..18].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(endpoint_id(&table(2, &[&nobody]), IOMMU, Location::Pci(0x18)), None);
    }
}
