//! The contract's words for what the driver has in its own.

use example_driver::{FaultRecord, Location, Reason, Region};
use viommuspec::{Device, Fault, FaultReason, Place, ReservedRegion};

/// Where the topology describes the device.
pub fn location_of(device: &Device) -> Location {
    match device.place() {
        Place::Pci(bdf) => Location::Pci(bdf),
        Place::Window { address, .. } => Location::Window(address),
    }
}

pub fn region_of(region: &Region) -> ReservedRegion {
    ReservedRegion { first: region.first, last: region.last, msi: region.msi }
}

pub fn fault_of(record: &FaultRecord) -> Fault {
    let reason = match record.reason {
        Reason::Unknown => FaultReason::Unknown,
        Reason::Domain => FaultReason::Domain,
        Reason::Mapping => FaultReason::Mapping,
    };
    Fault { reason, endpoint: record.endpoint, address: record.address }
}
