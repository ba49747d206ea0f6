//! What the driver under test does for each verb.

use crate::device::Device;
use std::borrow::Cow;
use viommuspec_hal::Dma;

/// Why a command was not carried out. Sentences and texts become one by `?` or `into`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The driver has no such ability, for this endpoint or machine.
    Skip,
    /// A sentence without a full stop.
    Because(Cow<'static, str>),
}

impl From<&'static str> for Refusal {
    fn from(sentence: &'static str) -> Self {
        Refusal::Because(sentence.into())
    }
}

impl From<String> for Refusal {
    fn from(sentence: String) -> Self {
        Refusal::Because(sentence.into())
    }
}

/// What came of a command.
pub type Outcome<T = ()> = Result<T, Refusal>;

/// How an endpoint may use a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The endpoint may read.
    pub read: bool,
    /// The endpoint may write.
    pub write: bool,
}

/// A buffer of the harness, by the name that it gave it. `poke` and `peek` look into it without the driver.
#[derive(Debug)]
pub struct Buffer {
    /// As commands name it.
    pub name: String,
    /// Zeroed at first, and aligned to what [`Driver::buffer_alignment`] says.
    pub memory: Dma,
    /// Bytes that were asked for.
    pub length: u64,
    /// Yours to use, e.g. for the address that `alloc` has chosen.
    pub address: u64,
}

/// A range that the driver knows that it must not map; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservedRegion {
    /// Its first address.
    pub first: u64,
    /// Its last address.
    pub last: u64,
    /// Whether interrupts are written there.
    pub msi: bool,
}

/// Why the device says that it refused an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultReason {
    /// It does not say.
    Unknown,
    /// The endpoint is in no domain.
    Domain,
    /// Nothing is mapped there, or not for that.
    Mapping,
}

/// A fault as the driver would print it, or hand it to its upper layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub reason: FaultReason,
    /// The endpoint's ID.
    pub endpoint: u32,
    /// None if the record had none.
    pub address: Option<u64>,
}

/// The driver under test: one method a verb, with the verb's arguments read and checked. What each means stands in VERBS.md.
/// What is left out is answered with SKIP; `poke` and `peek` need nothing.
#[allow(unused_variables)] // Methods that only say that they are left out use no argument.
pub trait Driver {
    /// Called before every verb but `start` and `stop`, to handle what has happened since.
    fn attend(&mut self) {}

    /// Brings the IOMMU up, then the drivers of all endpoints. Not called while all is up: from a start that went well until
    /// `stop`, `shutdown` or `lose_iommu`.
    fn start(&mut self) -> Outcome;

    /// Takes everything down. All buffers are gone when it comes back.
    fn stop(&mut self) -> Outcome;

    /// Moves the endpoint into the named domain, which is made on first use.
    fn attach(&mut self, endpoint: &Device, domain: &str, bypass: bool) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Takes the endpoint out of the domain.
    fn detach(&mut self, endpoint: &Device, domain: &str) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Maps the first `length` bytes of the buffer at exactly `iova`. `length` is not 0.
    fn map(&mut self, domain: &str, iova: u64, length: u64, access: Access, buffer: &Buffer) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Removes what `map` made there. `length` is not 0.
    fn unmap(&mut self, domain: &str, iova: u64, length: u64) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Maps a new buffer where the driver chooses, and gives the address. The buffer is gone if this fails.
    fn alloc(&mut self, endpoint: &Device, buffer: &mut Buffer, access: Access) -> Outcome<u64> {
        Err(Refusal::Skip)
    }

    /// Undoes `alloc`. The buffer's memory is given back unless this fails.
    fn free(&mut self, endpoint: &Device, buffer: &Buffer) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Lets the endpoint's own driver do one transfer, and gives the bytes that it moved.
    fn io(&mut self, endpoint: &Device, length: u64) -> Outcome<u64> {
        Err(Refusal::Skip)
    }

    /// Sets the global bypass.
    fn bypass(&mut self, value: bool) -> Outcome {
        Err(Refusal::Skip)
    }

    /// What the endpoint must not be given.
    fn regions(&mut self, endpoint: &Device) -> Outcome<Vec<ReservedRegion>> {
        Err(Refusal::Skip)
    }

    /// Faults since the last call.
    fn faults(&mut self) -> Outcome<Vec<Fault>> {
        Err(Refusal::Skip)
    }

    /// Takes the endpoint's own driver down.
    fn release(&mut self, endpoint: &Device) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Gives each ring of the endpoint `size` entries while its own driver is up.
    fn resize(&mut self, endpoint: &Device, size: u64) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Resets `requestq` or `eventq` alone.
    fn reset_queue(&mut self, queue: &str) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Suspends the IOMMU.
    fn suspend(&mut self) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Lets the IOMMU go on.
    fn resume(&mut self) -> Outcome {
        Err(Refusal::Skip)
    }

    /// A device has appeared in the endpoint's place.
    fn plug(&mut self, endpoint: &Device) -> Outcome {
        Err(Refusal::Skip)
    }

    /// The endpoint goes, or is gone.
    fn unplug(&mut self, endpoint: &Device) -> Outcome {
        Err(Refusal::Skip)
    }

    /// The IOMMU is gone.
    fn lose_iommu(&mut self) -> Outcome {
        Err(Refusal::Skip)
    }

    /// No endpoint is to come into the named domain any more.
    fn end_domain(&mut self, domain: &str) -> Outcome {
        Err(Refusal::Skip)
    }

    /// Brings every device to rest, the IOMMU last; `stop` follows.
    fn shutdown(&mut self) -> Outcome {
        Err(Refusal::Skip)
    }

    /// The granule of buffers, for drivers that learn it at `start`.
    fn buffer_alignment(&self) -> usize {
        crate::memory::PAGE
    }
}
