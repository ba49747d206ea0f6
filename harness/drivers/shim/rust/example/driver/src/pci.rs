//! A virtio device on PCI (4.1.4.3): status, features, queues, notifications, configuration.

use crate::features::F_NOTIF_CONFIG_DATA;
use crate::function::{set_bus_master, Registers};
use crate::ring::Ring;
use crate::Problem;
use core::time::Duration;
use viommuspec_hal::{Device, Region, Width};

/// Fields of struct virtio_pci_common_cfg.
mod common {
    pub const DEVICE_FEATURE_SELECT: u64 = 0;
    pub const DEVICE_FEATURE: u64 = 4;
    pub const DRIVER_FEATURE_SELECT: u64 = 8;
    pub const DRIVER_FEATURE: u64 = 12;
    pub const CONFIG_MSIX_VECTOR: u64 = 16;
    pub const DEVICE_STATUS: u64 = 20;
    pub const CONFIG_GENERATION: u64 = 21;
    pub const QUEUE_SELECT: u64 = 22;
    pub const QUEUE_SIZE: u64 = 24;
    pub const QUEUE_MSIX_VECTOR: u64 = 26;
    pub const QUEUE_ENABLE: u64 = 28;
    pub const QUEUE_NOTIFY_OFF: u64 = 30;
    pub const QUEUE_DESC: u64 = 32;
    pub const QUEUE_DRIVER: u64 = 40;
    pub const QUEUE_DEVICE: u64 = 48;
    pub const QUEUE_NOTIF_CONFIG_DATA: u64 = 56;
}
const NO_VECTOR: u64 = 0xffff;

mod status {
    pub const ACKNOWLEDGE: u64 = 1;
    pub const DRIVER: u64 = 2;
    pub const DRIVER_OK: u64 = 4;
    pub const FEATURES_OK: u64 = 8;
    pub const NEEDS_RESET: u64 = 0x40;
    pub const FAILED: u64 = 0x80;
}

/// Looks at a register that the device changes in its own time, a millisecond apart.
const LOOKS_MAX: usize = 1000;

/// How long a device may take, in moments.
const MOMENT: Duration = Duration::from_millis(10);
const MOMENTS_MAX: usize = 200;

/// Interrupts that may come for nothing.
const INTERRUPTS_MAX: usize = 10_000;

pub struct Pci<D> {
    device: D,
    registers: Registers,
    features: u64,
    config_interrupts: bool,
    config_changed: bool,
    /// The device asked for a reset, or left something unanswered: nothing can be relied on until the next start.
    pub broken: bool,
}

impl<D: Device> Pci<D> {
    /// Finds the registers of a virtio device of that type. Nothing was written if that fails.
    pub fn find(device: D, kind: u64) -> Result<Self, Problem> {
        let registers = Registers::find(&device, kind)?;
        Ok(Pci { device, registers, features: 0, config_interrupts: false, config_changed: false, broken: false })
    }

    fn get(&self, field: u64, width: Width) -> u64 {
        self.device.read(Region::Bar(self.registers.common.bar), self.registers.common.offset + field, width)
    }

    fn set(&self, field: u64, width: Width, value: u64) {
        self.device.write(Region::Bar(self.registers.common.bar), self.registers.common.offset + field, width, value);
    }

    /// A 64-bit field, in its halves (4.1.3.1).
    fn set_address(&self, field: u64, address: u64) {
        self.set(field, Width::U32, address & 0xffff_ffff);
        self.set(field + 4, Width::U32, address >> 32);
    }

    fn add_status(&self, bits: u64) {
        self.set(common::DEVICE_STATUS, Width::U8, self.get(common::DEVICE_STATUS, Width::U8) | bits);
    }

    fn has_status(&self, bit: u64) -> bool {
        self.get(common::DEVICE_STATUS, Width::U8) & bit != 0
    }

    /// Resets the device and waits for it. One that does not obey is cut off.
    pub fn reset(&mut self) -> Result<(), Problem> {
        self.set(common::DEVICE_STATUS, Width::U8, 0);
        for _ in 0..LOOKS_MAX {
            if self.get(common::DEVICE_STATUS, Width::U8) == 0 {
                return Ok(());
            }
            self.wait(Duration::from_millis(1));
        }
        self.cut_off();
        Err("the device does not reset")
    }

    /// Negotiates features, up to FEATURES_OK (3.1.1): all of `needed`, and what there is of `wanted`.
    pub fn negotiate(&mut self, needed: u64, wanted: u64) -> Result<(), Problem> {
        self.add_status(status::ACKNOWLEDGE);
        self.add_status(status::DRIVER);
        let half = |select| {
            self.set(common::DEVICE_FEATURE_SELECT, Width::U32, select);
            self.get(common::DEVICE_FEATURE, Width::U32)
        };
        let offered = half(0) | half(1) << 32;
        if offered & needed != needed {
            return Err("the device does not offer a feature that the driver needs");
        }
        self.features = offered & (needed | wanted);
        for select in 0..2 {
            self.set(common::DRIVER_FEATURE_SELECT, Width::U32, select);
            self.set(common::DRIVER_FEATURE, Width::U32, self.features >> (32 * select) & 0xffff_ffff);
        }
        self.add_status(status::FEATURES_OK);
        if !self.has_status(status::FEATURES_OK) {
            return Err("the device refuses the features");
        }
        if self.registers.vectors > 0 {
            self.set(common::CONFIG_MSIX_VECTOR, Width::U16, 0);
            self.config_interrupts = self.get(common::CONFIG_MSIX_VECTOR, Width::U16) != NO_VECTOR;
        }
        Ok(())
    }

    pub fn has(&self, feature: u32) -> bool {
        self.features >> feature & 1 != 0
    }

    /// The device may be used from now on.
    pub fn go_live(&self) {
        self.add_status(status::DRIVER_OK);
    }

    /// The device is not used, until it is reset.
    pub fn give_up(&self) {
        self.add_status(status::FAILED);
        self.cut_off();
    }

    /// The device does no DMA any more.
    pub fn cut_off(&self) {
        set_bus_master(&self.device, false);
    }

    /// The most entries that a queue may have; 0 if it does not exist.
    pub fn queue_most(&self, index: u16) -> u16 {
        self.set(common::QUEUE_SELECT, Width::U16, index.into());
        self.get(common::QUEUE_SIZE, Width::U16) as u16
    }

    /// Tells the device of a ring, which it reaches at `bus`. Queue n has vector n + 1 where there are as many; the last vector serves the rest.
    pub fn enable_queue(&self, ring: &mut Ring, bus: u64) {
        let addresses = ring.addresses(bus);
        self.set(common::QUEUE_SELECT, Width::U16, ring.index().into());
        self.set(common::QUEUE_SIZE, Width::U16, ring.size().into());
        self.set_address(common::QUEUE_DESC, addresses.descriptors);
        self.set_address(common::QUEUE_DRIVER, addresses.available);
        self.set_address(common::QUEUE_DEVICE, addresses.used);
        if self.registers.vectors > 0 {
            self.set(
                common::QUEUE_MSIX_VECTOR,
                Width::U16,
                (u64::from(ring.index()) + 1).min(self.registers.vectors - 1),
            );
            // What came of it is of no matter: a driver that waits looks again before long.
            self.get(common::QUEUE_MSIX_VECTOR, Width::U16);
        }
        ring.notify_offset = self.get(common::QUEUE_NOTIFY_OFF, Width::U16) * self.registers.notify_multiplier;
        ring.notify_value = if self.has(F_NOTIF_CONFIG_DATA) {
            self.get(common::QUEUE_NOTIF_CONFIG_DATA, Width::U16)
        } else {
            ring.index().into()
        };
        self.set(common::QUEUE_ENABLE, Width::U16, 1);
    }

    /// Notifies the device of what is new in the ring, unless it does not want to know.
    pub fn kick(&self, ring: &mut Ring) {
        if ring.wants_notification() {
            let register = self.registers.notify.offset + ring.notify_offset;
            self.device.write(Region::Bar(self.registers.notify.bar), register, Width::U16, ring.notify_value);
        }
    }

    /// Waits until the device returns a chain: its slot, and how many bytes it says that it has written.
    pub fn collect(&mut self, ring: &mut Ring) -> Result<(u16, u32), Problem> {
        let mut moments = 0;
        for _ in 0..INTERRUPTS_MAX {
            if let Some(returned) = ring.take() {
                return Ok(returned);
            }
            if self.broken || moments == MOMENTS_MAX {
                break;
            }
            moments += usize::from(!self.wait(MOMENT));
        }
        // The device still has the memory: nothing can be sent any more.
        self.broken = true;
        Err("the device did not answer")
    }

    /// Waits for an interrupt, or for a moment. False if nothing came.
    fn wait(&mut self, moment: Duration) -> bool {
        let any = self.device.wait_for_interrupt(moment);
        self.take_interrupts();
        any
    }

    /// Vector 0 is that of the configuration.
    fn take_interrupts(&mut self) {
        for vector in 0..self.registers.vectors {
            if self.device.take_interrupts(vector as usize) > 0 && vector == 0 {
                self.config_changed = true;
            }
        }
    }

    /// Takes note of what interrupts have announced; true if the configuration may be another one.
    pub fn attend(&mut self) -> bool {
        self.take_interrupts();
        let changed = self.config_changed || !self.config_interrupts;
        self.config_changed = false;
        // A device that asks for a reset says so by a change of its configuration (2.1.2).
        self.broken |= changed && self.has_status(status::NEEDS_RESET);
        changed
    }

    /// A field of the device configuration; 0 if the device has none.
    pub fn config_u32(&self, offset: u64) -> u32 {
        match self.registers.config {
            Some(it) if offset + 4 <= it.length => {
                self.device.read(Region::Bar(it.bar), it.offset + offset, Width::U32) as u32
            }
            _ => 0,
        }
    }

    pub fn set_config_u8(&self, offset: u64, value: u8) {
        if let Some(it) = self.registers.config {
            self.device.write(Region::Bar(it.bar), it.offset + offset, Width::U8, value.into());
        }
    }

    /// Reads fields that belong together: again, until they are all of one generation (2.5.1).
    pub fn config_at_once<T>(&self, read: impl Fn(&Self) -> T) -> T {
        for _ in 0..LOOKS_MAX {
            let before = self.get(common::CONFIG_GENERATION, Width::U8);
            let value = read(self);
            if self.get(common::CONFIG_GENERATION, Width::U8) == before {
                return value;
            }
        }
        read(self)
    }
}
