//! The driver of an endpoint, as any driver behind an IOMMU: a virtio entropy device (5.4).

use crate::features::{F_ACCESS_PLATFORM, F_EVENT_IDX, RNG_NEEDED, RNG_WANTED};
use crate::iommu::Iommu;
use crate::pci::Pci;
use crate::ring::{Piece, Ring};
use crate::Problem;
use viommuspec_hal::{Device, Dma, Memory};

const VIRTIO_ID_ENTROPY: u64 = 4;
const QUEUE_MOST: u16 = 8;
const TRANSFER_MAX: u64 = 1 << 20;

/// An entropy device that is up.
pub struct Rng<D> {
    pci: Pci<D>,
    ring: Ring,
    ring_bus: u64,
    /// Where its memory is mapped; None if its addresses do not go through the IOMMU.
    domain: Option<u32>,
}

/// Where the device finds the memory; mapped first, if need be.
fn expose<D: Device, M: Memory>(
    iommu: &mut Iommu<D, M>,
    domain: Option<u32>,
    memory: &Dma,
    read: bool,
) -> Result<u64, Problem> {
    domain.map_or(Ok(memory.physical()), |domain| iommu.dma_map(domain, memory, read, true))
}

fn hide<D: Device, M: Memory>(
    iommu: &mut Iommu<D, M>,
    domain: Option<u32>,
    memory: &Dma,
    bus: u64,
) -> Result<(), Problem> {
    domain.map_or(Ok(()), |domain| iommu.dma_unmap(domain, bus, memory))
}

impl<D: Device> Rng<D> {
    /// Brings the device up; it is given up if that fails. `domain` is the one that it is in, if it is behind the IOMMU.
    pub fn start<M: Memory>(device: D, domain: Option<u32>, iommu: &mut Iommu<D, M>) -> Result<Self, Problem> {
        let mut pci = Pci::find(device, VIRTIO_ID_ENTROPY)?;
        pci.reset()?;
        match bring_up(&mut pci, domain, iommu) {
            Ok((ring, ring_bus, domain)) => Ok(Rng { pci, ring, ring_bus, domain }),
            Err(problem) => {
                pci.give_up();
                Err(problem)
            }
        }
    }

    /// Resets the device, and takes its memory back.
    pub fn stop<M: Memory>(mut self, iommu: &mut Iommu<D, M>) -> Result<(), Problem> {
        let silent = self.pci.reset();
        self.pci.cut_off();
        hide(iommu, self.domain, self.ring.memory(), self.ring_bus)?;
        // Nothing but its own reset keeps a device from memory that it reaches without the IOMMU.
        if self.domain.is_none() {
            silent?;
        }
        self.ring.give_back(iommu.memory());
        Ok(())
    }

    /// One transfer of up to `length` bytes into new memory; gives the bytes that came.
    pub fn transfer<M: Memory>(&mut self, length: u64, iommu: &mut Iommu<D, M>) -> Result<u64, Problem> {
        const NO_MEMORY: Problem = "there is no memory for the transfer";
        if self.pci.broken {
            return Err("the endpoint's driver is not running");
        }
        let size = Some(length).filter(|&length| length <= TRANSFER_MAX).ok_or(NO_MEMORY)?;
        let memory = iommu.memory().dma_alloc(size as usize, iommu.granule() as usize).ok_or(NO_MEMORY)?;
        match expose(iommu, self.domain, &memory, false) {
            Ok(bus) => {
                // Where this fails the device still has the memory, which is lost.
                let moved = self.fill(bus, length as u32)?;
                hide(iommu, self.domain, &memory, bus)?;
                iommu.memory().dma_dealloc(memory);
                Ok(moved)
            }
            Err(problem) => {
                iommu.memory().dma_dealloc(memory);
                Err(problem)
            }
        }
    }

    fn fill(&mut self, bus: u64, length: u32) -> Result<u64, Problem> {
        let added = self.ring.add(&[Piece { address: bus, length, writable: true }]);
        added.ok_or("the queue is full")?;
        self.pci.kick(&mut self.ring);
        let (_, written) = self.pci.collect(&mut self.ring)?;
        Ok(written.min(length).into())
    }
}

/// The ring, where the device finds it, and the domain through which it does.
fn bring_up<D: Device, M: Memory>(
    pci: &mut Pci<D>,
    domain: Option<u32>,
    iommu: &mut Iommu<D, M>,
) -> Result<(Ring, u64, Option<u32>), Problem> {
    pci.negotiate(RNG_NEEDED, RNG_WANTED)?;
    let domain = domain.filter(|_| pci.has(F_ACCESS_PLATFORM));
    let most = pci.queue_most(0).min(QUEUE_MOST);
    let memory = iommu.memory().dma_alloc(Ring::bytes(most), iommu.granule() as usize);
    let mut ring = Ring::new(0, most, 1, pci.has(F_EVENT_IDX), memory)?;
    let bus = match expose(iommu, domain, ring.memory(), true) {
        Ok(bus) => bus,
        Err(problem) => {
            ring.give_back(iommu.memory());
            return Err(problem);
        }
    };
    pci.enable_queue(&mut ring, bus);
    pci.go_live();
    Ok((ring, bus, domain))
}
