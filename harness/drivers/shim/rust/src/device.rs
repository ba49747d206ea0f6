//! A device of the machine: the IOMMU, or an endpoint that may or may not be there.

use crate::connection::Connection;
use crate::sys;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use viommuspec_hal::{Region, Width};

/// Numbers of vfio for what a device can interrupt by.
const IRQ_LINE: u32 = 0;
const IRQ_MSIX: u32 = 2;

/// The number of vfio for the configuration space.
const CONFIG_SPACE: u32 = 7;

/// A number that no region has.
const NO_REGION: u32 = u32::MAX;

/// Where a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A PCI function, by `bus << 8 | device << 3 | function`.
    Pci(u16),
    /// A window of registers.
    Window {
        /// Where it lies in the guest's physical space.
        address: u64,
        /// Its bytes.
        length: u64,
        /// The number by which a device tree calls its interrupt.
        interrupt: u32,
    },
}

/// A device that the harness plays. Copies are of the handle. What the harness refuses reads as all ones, and the reason stands
/// in the report beside the driver's log.
#[derive(Clone)]
pub struct Device(Rc<Inner>);

struct Inner {
    name: String,
    kind: String,
    place: Place,
    connection: Connection,
    region_sizes: Vec<u64>,
    interrupts: Vec<File>,
}

impl Device {
    /// Connects to the device behind a socket.
    pub(crate) fn open(name: String, kind: String, place: Place, socket: &Path) -> io::Result<Self> {
        let connection = Connection::open(socket)?;
        let region_sizes = connection.region_sizes()?;
        let index = if matches!(place, Place::Pci(_)) { IRQ_MSIX } else { IRQ_LINE };
        let interrupts = connection.wire_interrupts(index)?;
        Ok(Device(Rc::new(Inner { name, kind, place, connection, region_sizes, interrupts })))
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.0.connection
    }

    /// As commands name it; `iommu` for the first IOMMU.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// `virtio-iommu`, or what the machine file says: `virtio-rng`, `dma-engine`, and others that you may not know.
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.0.place
    }

    /// Bytes of a region; 0 if the device does not have it.
    pub fn region_size(&self, region: Region) -> u64 {
        self.0.region_sizes.get(number_of(region) as usize).copied().unwrap_or(0)
    }

    /// The counters of its interrupts, each an eventfd, for a loop of your own.
    pub fn interrupts(&self) -> &[File] {
        &self.0.interrupts
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Device({} {:?})", self.0.name, self.0.place)
    }
}

fn number_of(region: Region) -> u32 {
    match region {
        Region::Bar(number @ 0..=5) => u32::from(number),
        Region::Bar(_) => NO_REGION,
        Region::ConfigSpace => CONFIG_SPACE,
        Region::Window => 0,
    }
}

impl viommuspec_hal::Device for Device {
    fn read(&self, region: Region, offset: u64, width: Width) -> u64 {
        let value = self.0.connection.read(number_of(region), offset, width.bytes());
        value.unwrap_or(u64::MAX >> (64 - 8 * width.bytes()))
    }

    fn write(&self, region: Region, offset: u64, width: Width, value: u64) {
        self.0.connection.write(number_of(region), offset, width.bytes(), value);
    }

    fn interrupt_count(&self) -> usize {
        self.0.interrupts.len()
    }

    fn take_interrupts(&self, vector: usize) -> u64 {
        let mut count = [0; 8];
        let taken = self.0.interrupts.get(vector).map(|mut counter| counter.read_exact(&mut count));
        if matches!(taken, Some(Ok(()))) {
            u64::from_ne_bytes(count)
        } else {
            0
        }
    }

    fn wait_for_interrupt(&self, timeout: Duration) -> bool {
        sys::wait_readable(&self.0.interrupts, timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_there_cannot_be_is_no_other_region() {
        assert_eq!(number_of(Region::Bar(5)), 5);
        assert_eq!(number_of(Region::Bar(6)), NO_REGION);
        assert_eq!(number_of(Region::Bar(7)), NO_REGION);
    }
}
