//! A driver for virtio-iommu over PCI (virtio 1.4, section 5.13), without std: one request at a time on a split ring, fault
//! records, PROBE, domains that outlive their endpoints; and for an entropy device behind it. It is written from the specification, and for reading.
//!
//! A kernel would implement `viommuspec_hal` and call [`Iommu`] from its DMA layer.
#![no_std]
#![deny(missing_docs)]
#![cfg_attr(not(test), forbid(unsafe_code))]

extern crate alloc;

mod config;
mod domain;
mod events;
mod features;
mod function;
mod iommu;
mod pci;
mod region;
mod requests;
mod ring;
mod rng;
mod viot;

pub use domain::Mapping;
pub use events::{FaultRecord, Reason};
pub use function::{is_there, set_bus_master};
pub use iommu::Iommu;
pub use region::Region;
pub use rng::Rng;
pub use viot::{endpoint_id, Location};

/// Why something was not done: a sentence without a full stop.
pub type Problem = &'static str;
