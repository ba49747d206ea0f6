//! Guest memory: one file that every device shares, given out in pages from the lowest free address on.

use crate::sys;
use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::ptr::NonNull;
use std::rc::Rc;
use viommuspec_hal::{Dma, Memory};

/// The least piece of memory.
pub const PAGE: usize = 4096;

/// Where guest memory begins: beyond 32 bits, so that a driver which drops the upper half is found out.
pub const MEMORY_BASE: u64 = 0x1_0000_0000;

/// All the memory of the guest. Copies are of the handle.
#[derive(Clone)]
pub struct GuestMemory(Rc<Pool>);

struct Pool {
    file: File,
    /// Never unmapped, since what is given out points into it.
    bytes: NonNull<u8>,
    /// One flag a page: whether it is given out.
    taken: RefCell<Vec<bool>>,
}

impl GuestMemory {
    /// Zeroed memory of `size` bytes, in pages.
    pub(crate) fn new(size: usize) -> io::Result<Self> {
        let pages = size / PAGE + usize::from(size % PAGE != 0);
        let file = sys::memory_file(pages * PAGE)?;
        let bytes = sys::map_for_good(&file, pages * PAGE)?;
        Ok(GuestMemory(Rc::new(Pool { file, bytes, taken: RefCell::new(vec![false; pages]) })))
    }

    pub(crate) fn file(&self) -> &File {
        &self.0.file
    }

    /// Bytes.
    pub fn size(&self) -> usize {
        self.0.taken.borrow().len() * PAGE
    }
}

/// The first place for `count` pages, a multiple of `step`.
fn room_for(taken: &[bool], count: usize, step: usize) -> Option<usize> {
    let last = taken.len().checked_sub(count)?;
    (0..=last).step_by(step).find(|&first| !taken[first..first + count].contains(&true))
}

impl Memory for GuestMemory {
    fn dma_alloc(&self, size: usize, alignment: usize) -> Option<Dma> {
        let mut taken = self.0.taken.borrow_mut();
        let unit = alignment.max(PAGE);
        if size == 0 || size > taken.len() * PAGE || !unit.is_power_of_two() {
            return None;
        }
        let units = size / unit + usize::from(size % unit != 0);
        let count = units.checked_mul(unit / PAGE)?;
        let first = room_for(&taken, count, unit / PAGE)?;
        taken[first..first + count].fill(true);
        let physical = MEMORY_BASE + (first * PAGE) as u64;
        // SAFETY: the pages lie in the mapping, which stays for good, and nobody else has been given them.
        let memory = unsafe {
            let cpu = self.0.bytes.as_ptr().add(first * PAGE);
            cpu.write_bytes(0, count * PAGE);
            Dma::new(NonNull::new_unchecked(cpu), physical, count * PAGE)
        };
        Some(memory)
    }

    fn dma_dealloc(&self, memory: Dma) {
        let first = ((memory.physical() - MEMORY_BASE) / PAGE as u64) as usize;
        self.0.taken.borrow_mut()[first..first + memory.size() / PAGE].fill(false);
    }

    fn phys_to_virt(&self, physical: u64, size: usize) -> Option<NonNull<u8>> {
        let offset = usize::try_from(physical.checked_sub(MEMORY_BASE)?).ok()?;
        if offset.checked_add(size)? > self.size() {
            return None;
        }
        // SAFETY: the offset lies in the mapping, or at its end.
        NonNull::new(unsafe { self.0.bytes.as_ptr().add(offset) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_zeroed_aligned_and_apart() {
        let memory = GuestMemory::new(1 << 20).unwrap();
        let one = memory.dma_alloc(1, 0).unwrap();
        let two = memory.dma_alloc(5000, 65536).unwrap();
        assert_eq!((one.physical(), one.size()), (MEMORY_BASE, PAGE));
        assert_eq!((two.physical(), two.size()), (MEMORY_BASE + 65536, 65536));
        one.write(0, &[1, 2, 3]);
        memory.dma_dealloc(one);
        let again = memory.dma_alloc(PAGE, 0).unwrap();
        assert_eq!(again.physical(), MEMORY_BASE);
        assert_eq!(again.read(0), [0, 0, 0]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let memory = GuestMemory::new(16 * PAGE).unwrap();
        for size in [0, 16 * PAGE + 1, usize::MAX] {
            assert!(memory.dma_alloc(size, 0).is_none(), "{}", size);
        }
        assert!(memory.dma_alloc(1, 1 << 63).is_none());
        assert!(memory.dma_alloc(1, 12288).is_none());
        assert_eq!(memory.dma_alloc(16 * PAGE, 0).unwrap().size(), 16 * PAGE);
    }

    #[test]
    fn lost_memory_stays_lost() {
        let memory = GuestMemory::new(PAGE).unwrap();
        assert!(memory.dma_alloc(1, 0).is_some());
        assert!(memory.dma_alloc(1, 0).is_none());
    }

    #[test]
    fn a_physical_address_is_found_where_there_is_memory() {
        let memory = GuestMemory::new(2 * PAGE).unwrap();
        let one = memory.dma_alloc(1, 0).unwrap();
        assert_eq!(memory.phys_to_virt(one.physical(), 2 * PAGE), Some(one.as_ptr()));
        for (physical, size) in [(0, 1), (MEMORY_BASE, 2 * PAGE + 1), (MEMORY_BASE + 1, usize::MAX), (u64::MAX, 1)] {
            assert_eq!(memory.phys_to_virt(physical, size), None);
        }
    }
}
