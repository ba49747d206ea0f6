//! A PCI function: where its virtio structures are (4.1.4), its MSI-X table, and whether it may do DMA.

use crate::Problem;
use viommuspec_hal::{Device, Region, Width};

const VENDOR: u64 = 0x1af4;
const VIRTIO_BASE: u64 = 0x1040;

/// Fields of the configuration space.
mod space {
    pub const VENDOR_ID: u64 = 0x00;
    pub const DEVICE_ID: u64 = 0x02;
    pub const COMMAND: u64 = 0x04;
    pub const STATUS: u64 = 0x06;
    pub const CAPABILITIES: u64 = 0x34;
}
const MEMORY_SPACE: u64 = 2;
const BUS_MASTER: u64 = 4;
const HAS_CAPABILITIES: u64 = 0x10;
const CAPABILITY_VENDOR: u64 = 0x09;
const CAPABILITY_MSIX: u64 = 0x11;
const MSIX_ENABLE: u64 = 0x8000;

/// Bytes of the common configuration that this driver uses in any case.
const COMMON_LENGTH: u64 = 56;

/// More capabilities do not fit into 256 bytes: a list that goes on is a circle.
const CAPABILITIES_MAX: usize = 48;

/// A structure of registers in a BAR.
#[derive(Clone, Copy)]
pub struct Structure {
    pub bar: u8,
    pub offset: u64,
    pub length: u64,
}

/// The registers of a virtio device.
pub struct Registers {
    pub common: Structure,
    pub notify: Structure,
    pub notify_multiplier: u64,
    /// The device configuration.
    pub config: Option<Structure>,
    /// MSI-X vectors that can be used.
    pub vectors: u64,
}

/// Where structures are (4.1.4). Of each type the first capability counts that this driver understands.
#[derive(Default)]
struct Structures {
    common: Option<Structure>,
    notify: Option<(Structure, u64)>,
    device: Option<Structure>,
    msix: Option<u64>,
}

/// Whether there is a PCI function at all: nothing answers where nothing is.
pub fn is_there(device: &impl Device) -> bool {
    device.read(Region::ConfigSpace, space::VENDOR_ID, Width::U16) != 0xffff
}

/// Lets a PCI function do DMA, or forbids it.
pub fn set_bus_master(device: &impl Device, allowed: bool) {
    let before = device.read(Region::ConfigSpace, space::COMMAND, Width::U16);
    let after = if allowed { before | MEMORY_SPACE | BUS_MASTER } else { before & !BUS_MASTER };
    device.write(Region::ConfigSpace, space::COMMAND, Width::U16, after);
}

impl Structures {
    fn find(device: &impl Device) -> Self {
        let read = |offset, width| device.read(Region::ConfigSpace, offset, width);
        let mut found = Structures::default();
        if read(space::STATUS, Width::U16) & HAS_CAPABILITIES == 0 {
            return found;
        }
        let mut at = read(space::CAPABILITIES, Width::U8) & 0xfc;
        for _ in 0..CAPABILITIES_MAX {
            if at == 0 {
                break;
            }
            match read(at, Width::U8) {
                CAPABILITY_VENDOR => found.take(device, at),
                CAPABILITY_MSIX => found.msix = found.msix.or(Some(at)),
                _ => {}
            }
            at = read(at + 1, Width::U8) & 0xfc;
        }
        found
    }

    fn take(&mut self, device: &impl Device, at: u64) {
        let read = |offset, width| device.read(Region::ConfigSpace, at + offset, width);
        let structure =
            || Structure { bar: read(4, Width::U8) as u8, offset: read(8, Width::U32), length: read(12, Width::U32) };
        // Other values than those of BARs are reserved (4.1.4.1).
        let usable = || Some(structure()).filter(|it| it.bar <= 5);
        match read(3, Width::U8) {
            1 if self.common.is_none() => self.common = usable(),
            2 if self.notify.is_none() => self.notify = usable().map(|it| (it, read(16, Width::U32))),
            4 if self.device.is_none() => self.device = usable(),
            _ => {}
        }
    }
}

impl Registers {
    /// Finds the registers of a virtio device of that type, and enables the function. Nothing was written if that fails.
    pub fn find(device: &impl Device, kind: u64) -> Result<Self, Problem> {
        let id = |offset| device.read(Region::ConfigSpace, offset, Width::U16);
        if id(space::VENDOR_ID) != VENDOR || id(space::DEVICE_ID) != VIRTIO_BASE + kind {
            return Err("the PCI function is no virtio device of that type");
        }
        let found = Structures::find(device);
        let common = found.common.filter(|it| it.length >= COMMON_LENGTH);
        let (common, (notify, notify_multiplier)) =
            common.zip(found.notify).ok_or("the PCI function has no virtio capabilities")?;
        set_bus_master(device, true);
        let vectors = found.msix.map_or(0, |at| enable_msix(device, at));
        Ok(Registers { common, notify, notify_multiplier, config: found.device, vectors })
    }
}

/// The vectors that both the table has and the machine gives.
fn enable_msix(device: &impl Device, at: u64) -> u64 {
    let control = device.read(Region::ConfigSpace, at + 2, Width::U16);
    device.write(Region::ConfigSpace, at + 2, Width::U16, control | MSIX_ENABLE);
    ((control & 0x7ff) + 1).min(device.interrupt_count() as u64)
}
