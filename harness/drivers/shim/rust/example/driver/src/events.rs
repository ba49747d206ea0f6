//! The event queue: fault records (5.13.6.9).

use crate::pci::Pci;
use crate::ring::{Piece, Ring};
use crate::Problem;
use alloc::vec::Vec;
use viommuspec_hal::{Device, Dma, Memory};

const RECORD_SIZE: u32 = 24;
const FLAG_ADDRESS: u32 = 0x100;

/// Faults that are kept until somebody asks.
const FAULTS_MAX: usize = 256;

/// Why the device refused an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It does not say, or says what this driver does not know.
    Unknown,
    /// The endpoint is in no domain.
    Domain,
    /// Nothing is mapped there, or not for that.
    Mapping,
}

/// A fault record, as far as it may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultRecord {
    /// Why.
    pub reason: Reason,
    /// The endpoint's ID.
    pub endpoint: u32,
    /// None if the record has none.
    pub address: Option<u64>,
}

/// The event queue; the buffer of slot n is the n-th of the memory.
pub struct Events {
    ring: Ring,
    memory: Dma,
    faults: Vec<FaultRecord>,
}

impl Events {
    pub fn new(ring: Ring, memory: &impl Memory) -> Result<Self, Problem> {
        let size = RECORD_SIZE as usize * usize::from(ring.slots());
        let memory = memory.dma_alloc(size, 0).ok_or("there is no memory for events")?;
        Ok(Events { ring, memory, faults: Vec::new() })
    }

    pub fn ring(&mut self) -> &mut Ring {
        &mut self.ring
    }

    pub fn give_back(self, memory: &impl Memory) {
        self.ring.give_back(memory);
        memory.dma_dealloc(self.memory);
    }

    /// Gives all buffers to the device, which has none yet.
    pub fn fill(&mut self) {
        for slot in 0..self.ring.slots() {
            self.give(slot);
        }
    }

    /// The ring gives the slot out that was free last, and at first one after the other: it is this one.
    fn give(&mut self, slot: u16) {
        let offset = RECORD_SIZE as usize * usize::from(slot);
        self.memory.write(offset, &[0; RECORD_SIZE as usize]);
        let address = self.memory.physical() + offset as u64;
        let given = self.ring.add(&[Piece { address, length: RECORD_SIZE, writable: true }]);
        debug_assert_eq!(given, Some(slot));
    }

    /// Reads the records that have come, and gives their buffers back.
    pub fn collect<D: Device>(&mut self, pci: &Pci<D>) {
        let mut any = false;
        while let Some((slot, written)) = self.ring.take() {
            let record = self.memory.read(RECORD_SIZE as usize * usize::from(slot));
            if written >= RECORD_SIZE && self.faults.len() < FAULTS_MAX {
                self.faults.extend(read_record(&record));
            }
            self.give(slot);
            any = true;
        }
        if any {
            pci.kick(&mut self.ring);
        }
    }

    pub fn take_faults(&mut self) -> Vec<FaultRecord> {
        core::mem::take(&mut self.faults)
    }
}

/// Bytes 1 to 3 make a record one of a later version, to be passed over; all else that is unknown is ignored.
fn read_record(record: &[u8; RECORD_SIZE as usize]) -> Option<FaultRecord> {
    let u32_at = |offset: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| record[offset + byte]));
    if record[1..4] != [0; 3] {
        return None;
    }
    let address = u64::from(u32_at(16)) | u64::from(u32_at(20)) << 32;
    Some(FaultRecord {
        reason: match record[0] {
            1 => Reason::Domain,
            2 => Reason::Mapping,
            _ => Reason::Unknown,
        },
        endpoint: u32_at(8),
        address: Some(address).filter(|_| u32_at(4) & FLAG_ADDRESS != 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &[(usize, u8)]) -> Option<FaultRecord> {
        let mut bytes = [0; RECORD_SIZE as usize];
        for (offset, value) in fields {
            bytes[*offset] = *value;
        }
        read_record(&bytes)
    }

    #[test]
    fn a_record_is_read_as_far_as_it_may_be_believed() {
        let fault = FaultRecord { reason: Reason::Mapping, endpoint: 0x120, address: Some(0x80_0000_1000) };
        assert_eq!(record(&[(0, 2), (5, 1), (8, 0x20), (9, 1), (17, 0x10), (20, 0x80)]), Some(fault));
        let fault = FaultRecord { reason: Reason::Unknown, endpoint: 0, address: None };
        assert_eq!(record(&[(0, 0xff), (4, 7), (12, 0xff), (16, 1)]), Some(fault));
    }

    #[test]
    fn a_record_of_a_later_version_is_passed_over() {
        assert_eq!(record(&[(1, 1)]), None);
        assert_eq!(record(&[(3, 0x80)]), None);
    }
}
