//! The device configuration (5.13.4), with what holds where a feature is missing.

use crate::features::{F_DOMAIN_RANGE, F_INPUT_RANGE, F_PROBE};
use crate::pci::Pci;
use crate::Problem;
use viommuspec_hal::Device;

const PAGE_SIZE_MASK: u64 = 0;
const INPUT_RANGE: u64 = 8;
const DOMAIN_RANGE: u64 = 24;
const PROBE_SIZE: u64 = 32;
const BYPASS: u64 = 36;

/// Buffers are aligned to the granule, and there is not that much memory.
const GRANULE_MAX: u64 = 4 << 20;
const PROBE_SIZE_MAX: u32 = 1 << 20;

pub struct Config {
    pub granule: u64,
    pub first_address: u64,
    pub last_address: u64,
    pub first_domain: u32,
    pub last_domain: u32,
    pub probe_size: u32,
}

impl Config {
    pub fn read<D: Device>(pci: &Pci<D>) -> Self {
        pci.config_at_once(|pci| {
            let u64_at = |offset| u64::from(pci.config_u32(offset)) | u64::from(pci.config_u32(offset + 4)) << 32;
            let mask = u64_at(PAGE_SIZE_MASK);
            let (first_address, last_address) =
                if pci.has(F_INPUT_RANGE) { (u64_at(INPUT_RANGE), u64_at(INPUT_RANGE + 8)) } else { (0, u64::MAX) };
            let (first_domain, last_domain) = if pci.has(F_DOMAIN_RANGE) {
                (pci.config_u32(DOMAIN_RANGE), pci.config_u32(DOMAIN_RANGE + 4))
            } else {
                (0, u32::MAX)
            };
            let probe_size = if pci.has(F_PROBE) { pci.config_u32(PROBE_SIZE) } else { 0 };
            // The lowest bit is the granule; the others are hints.
            let granule = mask & mask.wrapping_neg();
            Config { granule, first_address, last_address, first_domain, last_domain, probe_size }
        })
    }

    /// Whether this driver can work with it.
    pub fn check(&self) -> Result<(), Problem> {
        if self.granule == 0 || self.granule > GRANULE_MAX || self.probe_size > PROBE_SIZE_MAX {
            return Err("the device's page size or probe size is beyond this driver");
        }
        Ok(())
    }
}

pub fn set_bypass<D: Device>(pci: &Pci<D>, value: bool) {
    pci.set_config_u8(BYPASS, value.into());
}
