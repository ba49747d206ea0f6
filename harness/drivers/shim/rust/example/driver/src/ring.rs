//! A split virtqueue (2.7) whose chains all have the same length: slot n owns descriptors of its own for good.

use crate::Problem;
use alloc::vec::Vec;
use core::sync::atomic::{fence, Ordering};
use viommuspec_hal::{Dma, Memory};

const NEXT: u16 = 1;
const WRITE: u16 = 2;
const NO_NOTIFY: u16 = 1;

/// A piece of a chain, as the device reaches it.
#[derive(Clone, Copy)]
pub struct Piece {
    pub address: u64,
    pub length: u32,
    pub writable: bool,
}

/// Where the parts are, as the device reaches them.
pub struct Addresses {
    pub descriptors: u64,
    pub available: u64,
    pub used: u64,
}

pub struct Ring {
    index: u16,
    size: u16,
    chain: u16,
    memory: Dma,
    /// Slots that the driver may use, and for each slot whether the device has it.
    free: Vec<u16>,
    with_device: Vec<bool>,
    /// Counters that go on modulo 2^16: what was made available, what the device was told of, and what was taken back.
    made_available: u16,
    told: u16,
    taken: u16,
    event_index: bool,
    /// What the transport notifies the device by.
    pub notify_offset: u64,
    pub notify_value: u64,
}

impl Ring {
    /// Bytes of a ring of at most `most` entries.
    pub fn bytes(most: u16) -> usize {
        used_offset(size_of(most)) + 4 + 8 * usize::from(size_of(most)) + 2
    }

    /// A ring of at most `most` entries for chains of `chain` pieces, in memory of so many bytes.
    pub fn new(index: u16, most: u16, chain: u16, event_index: bool, memory: Option<Dma>) -> Result<Self, Problem> {
        if most < chain {
            return Err("a queue of the device is too short");
        }
        let size = size_of(most);
        let slots = size / chain;
        Ok(Ring {
            index,
            size,
            chain,
            memory: memory.ok_or("there is no memory for a queue")?,
            free: (0..slots).rev().collect(),
            with_device: alloc::vec![false; slots.into()],
            made_available: 0,
            told: 0,
            taken: 0,
            event_index,
            notify_offset: 0,
            notify_value: 0,
        })
    }

    pub fn index(&self) -> u16 {
        self.index
    }

    pub fn size(&self) -> u16 {
        self.size
    }

    /// Chains that the ring holds.
    pub fn slots(&self) -> u16 {
        self.size / self.chain
    }

    pub fn memory(&self) -> &Dma {
        &self.memory
    }

    /// Where the parts are if the device reaches the ring at `bus`.
    pub fn addresses(&self, bus: u64) -> Addresses {
        let at = |offset: usize| bus + offset as u64;
        Addresses { descriptors: bus, available: at(available_offset(self.size)), used: at(used_offset(self.size)) }
    }

    /// The device must not have it any more.
    pub fn give_back(self, memory: &impl Memory) {
        memory.dma_dealloc(self.memory);
    }

    /// Makes a chain available, and gives its slot. None if the device has them all.
    pub fn add(&mut self, pieces: &[Piece]) -> Option<u16> {
        let slot = self.free.pop()?;
        let head = slot * self.chain;
        for (entry, piece) in (head..).zip(pieces) {
            let goes_on = usize::from(entry - head) + 1 < pieces.len();
            let flags = if goes_on { NEXT } else { 0 } | if piece.writable { WRITE } else { 0 };
            let at = 16 * usize::from(entry);
            self.memory.write(at, &piece.address.to_le_bytes());
            self.memory.write(at + 8, &piece.length.to_le_bytes());
            self.memory.write(at + 12, &flags.to_le_bytes());
            self.memory.write(at + 14, &(if goes_on { entry + 1 } else { 0 }).to_le_bytes());
        }
        self.with_device[usize::from(slot)] = true;
        let place = usize::from(self.made_available % self.size);
        let available = available_offset(self.size);
        self.memory.store_u16(available + 4 + 2 * place, head);
        self.made_available = self.made_available.wrapping_add(1);
        // `store_u16` has the entry written before the index says so.
        self.memory.store_u16(available + 2, self.made_available);
        Some(slot)
    }

    /// Whether the device is to be notified of what was added since the last call (2.7.10).
    pub fn wants_notification(&mut self) -> bool {
        let before = self.told;
        self.told = self.made_available;
        // The index is there before the device's wish is read.
        fence(Ordering::SeqCst);
        let used = used_offset(self.size);
        if !self.event_index {
            return self.memory.load_u16(used) & NO_NOTIFY == 0;
        }
        let event = self.memory.load_u16(used + 4 + 8 * usize::from(self.size));
        self.told.wrapping_sub(event).wrapping_sub(1) < self.told.wrapping_sub(before)
    }

    pub fn has_used(&self) -> bool {
        self.memory.load_u16(used_offset(self.size) + 2) != self.taken
    }

    /// Takes a chain back: its slot, and how many bytes the device says that it has written. What the device does not have, it
    /// cannot return, and is passed over.
    pub fn take(&mut self) -> Option<(u16, u32)> {
        while self.has_used() {
            let entry = used_offset(self.size) + 4 + 8 * usize::from(self.taken % self.size);
            let head = u32::from_le_bytes(self.memory.read(entry));
            let written = u32::from_le_bytes(self.memory.read(entry + 4));
            self.taken = self.taken.wrapping_add(1);
            if self.event_index {
                // The device interrupts for the next one.
                self.memory.store_u16(available_offset(self.size) + 4 + 2 * usize::from(self.size), self.taken);
            }
            if let Some(slot) = self.slot_of(head) {
                self.with_device[usize::from(slot)] = false;
                self.free.push(slot);
                return Some((slot, written));
            }
        }
        None
    }

    fn slot_of(&self, head: u32) -> Option<u16> {
        let slot = u16::try_from(head / u32::from(self.chain)).ok()?;
        let starts = head % u32::from(self.chain) == 0;
        Some(slot).filter(|_| starts && self.with_device.get(usize::from(slot)) == Some(&true))
    }
}

/// A power of two (2.7), the next lower one; 1 if there is none.
fn size_of(most: u16) -> u16 {
    1 << (15 - most.max(1).leading_zeros())
}

fn available_offset(size: u16) -> usize {
    16 * usize::from(size)
}

/// Behind the available ring and its `used_event`, aligned to 4.
fn used_offset(size: u16) -> usize {
    (available_offset(size) + 4 + 2 * usize::from(size) + 2 + 3) & !3
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ptr::NonNull;

    const PIECE: Piece = Piece { address: 0x1_0000_0000, length: 8, writable: true };

    /// A ring of four entries for chains of two.
    fn ring(words: &mut [u64; 32]) -> Ring {
        // SAFETY: the words are borrowed for as long as a test lasts.
        let memory = unsafe { Dma::new(NonNull::from(words).cast(), 0x1_0000_0000, 256) };
        Ring::new(0, 7, 2, false, Some(memory)).unwrap()
    }

    /// What a device puts into the used ring, whether it may or not.
    fn put_used(ring: &Ring, index: u16, head: u32, written: u32) {
        let entry = used_offset(4) + 4 + 8 * usize::from(index % 4);
        ring.memory.write(entry, &head.to_le_bytes());
        ring.memory.write(entry + 4, &written.to_le_bytes());
        ring.memory.store_u16(used_offset(4) + 2, index.wrapping_add(1));
    }

    #[test]
    fn a_ring_holds_as_many_chains_as_fit() {
        let mut words = [0; 32];
        let mut ring = ring(&mut words);
        assert_eq!((ring.size(), ring.slots()), (4, 2));
        assert_eq!([(); 3].map(|()| ring.add(&[PIECE, PIECE])), [Some(0), Some(1), None]);
        put_used(&ring, 0, 2, 8);
        assert_eq!(ring.take(), Some((1, 8)));
        assert_eq!(ring.take(), None);
        assert_eq!(ring.add(&[PIECE, PIECE]), Some(1));
    }

    #[test]
    fn what_the_device_does_not_have_it_cannot_return() {
        let mut words = [0; 32];
        let mut ring = ring(&mut words);
        ring.add(&[PIECE, PIECE]);
        for (index, head) in [1, 2, 3, 4, 0x1_0000, u32::MAX].into_iter().enumerate() {
            put_used(&ring, index as u16, head, 8);
            assert_eq!(ring.take(), None, "{}", head);
        }
        put_used(&ring, 6, 0, u32::MAX);
        assert_eq!(ring.take(), Some((0, u32::MAX)));
        put_used(&ring, 7, 0, 8);
        assert_eq!(ring.take(), None);
    }

    #[test]
    fn a_queue_that_is_too_short_is_refused() {
        assert!(Ring::new(0, 0, 1, false, None).is_err());
        assert!(Ring::new(0, 1, 2, false, None).is_err());
    }
}
