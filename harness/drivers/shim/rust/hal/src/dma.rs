//! Memory that a device reads and writes at any time.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU16, Ordering};

/// A piece of memory that both the driver and devices reach. It is not given back when it is dropped: what a device may still
/// write to is better lost.
///
/// Offsets are in bytes. Accesses beyond the end are mistakes of the driver, and panic as those of slices do.
#[derive(Debug)]
pub struct Dma {
    cpu: NonNull<u8>,
    physical: u64,
    size: usize,
}

impl Dma {
    /// # Safety
    ///
    /// `cpu` is where `size` bytes can be read and written for as long as this lives, aligned to 8 bytes, and there is no
    /// reference to any of them.
    pub unsafe fn new(cpu: NonNull<u8>, physical: u64, size: usize) -> Self {
        Dma { cpu, physical, size }
    }

    /// Where devices find it, unless an IOMMU is in between.
    pub fn physical(&self) -> u64 {
        self.physical
    }

    /// Bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Where the driver finds it.
    pub fn as_ptr(&self) -> NonNull<u8> {
        self.cpu
    }

    /// `N` bytes, for `from_le_bytes`.
    pub fn read<const N: usize>(&self, offset: usize) -> [u8; N] {
        let mut bytes = [0; N];
        self.read_into(offset, &mut bytes);
        bytes
    }

    /// Fills `bytes` with what is at `offset`.
    pub fn read_into(&self, offset: usize, bytes: &mut [u8]) {
        let from = self.at(offset, bytes.len());
        for (index, byte) in bytes.iter_mut().enumerate() {
            // SAFETY: `at` has checked that the bytes lie in the memory, which `new` says can be read.
            *byte = unsafe { from.add(index).read_volatile() };
        }
    }

    /// Puts `bytes` at `offset`.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        let to = self.at(offset, bytes.len());
        for (index, byte) in bytes.iter().enumerate() {
            // SAFETY: `at` has checked that the bytes lie in the memory, which `new` says can be written.
            unsafe { to.add(index).write_volatile(*byte) };
        }
    }

    /// A little-endian number that the device may just be changing. Nothing that is read later is older.
    pub fn load_u16(&self, offset: usize) -> u16 {
        u16::from_le(self.atomic(offset).load(Ordering::Acquire))
    }

    /// A little-endian number that the device may just be reading. It sees all that was written earlier.
    pub fn store_u16(&self, offset: usize, value: u16) {
        self.atomic(offset).store(value.to_le(), Ordering::Release);
    }

    fn atomic(&self, offset: usize) -> &AtomicU16 {
        assert!(offset % 2 == 0, "offset {} is odd", offset);
        let place = self.at(offset, 2).cast::<AtomicU16>();
        // SAFETY: `at` has checked that both bytes lie in the memory, which is aligned and lives as long as `self`; other
        // references to it are to atomics as well.
        unsafe { &*place }
    }

    fn at(&self, offset: usize, count: usize) -> *mut u8 {
        assert!(
            offset <= self.size && count <= self.size - offset,
            "{} bytes at {} are not in {} bytes of memory",
            count,
            offset,
            self.size
        );
        // SAFETY: the offset lies in the memory, or at its end.
        unsafe { self.cpu.as_ptr().add(offset) }
    }
}

#[cfg(test)]
mod tests {
    use super::Dma;
    use core::ptr::NonNull;

    fn memory(words: &mut [u64; 2]) -> Dma {
        // SAFETY: the words are borrowed for as long as a test lasts.
        unsafe { Dma::new(NonNull::from(words).cast(), 0x1000, 16) }
    }

    #[test]
    fn numbers_are_little_endian() {
        let mut words = [0; 2];
        let memory = memory(&mut words);
        memory.store_u16(2, 0x1234);
        assert_eq!(memory.read(0), [0, 0, 0x34, 0x12]);
        memory.write(14, &[0xcd, 0xab]);
        assert_eq!(memory.load_u16(14), 0xabcd);
    }

    #[test]
    #[should_panic(expected = "3 bytes at 14 are not in 16 bytes")]
    fn nothing_is_read_beyond_the_end() {
        memory(&mut [0; 2]).read::<3>(14);
    }

    #[test]
    #[should_panic(expected = "are not in 16 bytes")]
    fn an_offset_that_wraps_is_beyond_the_end() {
        memory(&mut [0; 2]).write(usize::MAX, &[1]);
    }
}
