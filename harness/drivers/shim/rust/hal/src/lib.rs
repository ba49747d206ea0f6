//! What a driver needs of the machine that it runs in: registers, interrupts, and memory that devices reach.
//!
//! The driver under test is written against these two traits, or against traits of its own that are answered by them; it needs
//! neither `std` nor `alloc` for that. The crate `viommuspec` implements them for a process, a kernel would for itself.
#![no_std]
#![deny(missing_docs, unsafe_op_in_unsafe_fn)]

mod dma;

use core::ptr::NonNull;
use core::time::Duration;

pub use dma::Dma;

/// A part of a device's registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// What the base address register of this number, 0 to 5, leads to, at whatever address.
    Bar(u8),
    /// The configuration space of a PCI function.
    ConfigSpace,
    /// The registers of a device that is no PCI function.
    Window,
}

/// How many bytes one access moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One byte.
    U8,
    /// Two bytes.
    U16,
    /// Four bytes.
    U32,
    /// Eight bytes.
    U64,
}

impl Width {
    /// The number of bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Width::U8 => 1,
            Width::U16 => 2,
            Width::U32 => 4,
            Width::U64 => 8,
        }
    }
}

/// One device: its registers and its interrupts.
pub trait Device {
    /// Reads a register. All ones if there is nothing at `offset`.
    fn read(&self, region: Region, offset: u64, width: Width) -> u64;

    /// Writes the lower bytes of `value` to a register.
    fn write(&self, region: Region, offset: u64, width: Width, value: u64);

    /// How many interrupts the device can have: MSI-X vectors of a PCI function, or one line.
    fn interrupt_count(&self) -> usize;

    /// How often the device has interrupted since the last call; 0 if there is no such vector.
    fn take_interrupts(&self, vector: usize) -> u64;

    /// Sleeps until there is an interrupt to take; false if there was none within `timeout`.
    fn wait_for_interrupt(&self, timeout: Duration) -> bool;
}

/// The guest's memory.
pub trait Memory {
    /// At least `size` zeroed bytes, which devices reach, in one piece. The physical address and the size become multiples of
    /// `alignment`, a power of two that counts as a page if it is less. None if there is no room.
    fn dma_alloc(&self, size: usize, alignment: usize) -> Option<Dma>;

    /// Takes memory back, to be given out again at once: no device may reach it any more.
    fn dma_dealloc(&self, memory: Dma);

    /// Where the driver finds `size` bytes at a physical address. None if there is no memory.
    fn phys_to_virt(&self, physical: u64, size: usize) -> Option<NonNull<u8>>;
}
