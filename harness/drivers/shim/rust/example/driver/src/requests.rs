//! Requests (5.13.6): their bytes, and their way to the device and back, one at a time.

use crate::domain::Mapping;
use crate::pci::Pci;
use crate::ring::{Piece, Ring};
use crate::Problem;
use alloc::vec::Vec;
use viommuspec_hal::{Device, Dma, Memory};

/// The bytes of a request before its tail, and how many bytes of properties the device puts before the tail.
pub struct Request {
    bytes: Vec<u8>,
    property_size: u32,
}

const TAIL_SIZE: u32 = 4;

/// The request lies at the start of the memory, and the answer here.
const ANSWER: usize = 128;

/// A chain has two pieces: what the device reads, and what it writes.
pub const PIECES: u16 = 2;

impl Request {
    /// All that no field says is reserved, and 0.
    fn new(kind: u8, size: usize, fields: &[(usize, &[u8])]) -> Self {
        let mut bytes = alloc::vec![0; size];
        bytes[0] = kind;
        for (offset, field) in fields {
            bytes[*offset..*offset + field.len()].copy_from_slice(field);
        }
        Request { bytes, property_size: 0 }
    }

    pub fn attach(domain: u32, endpoint: u32, bypass: bool) -> Self {
        let flags = u32::from(bypass);
        let fields = [domain, endpoint, flags].map(u32::to_le_bytes);
        Request::new(1, 20, &[(4, &fields[0]), (8, &fields[1]), (12, &fields[2])])
    }

    pub fn detach(domain: u32, endpoint: u32) -> Self {
        Request::new(2, 20, &[(4, &domain.to_le_bytes()), (8, &endpoint.to_le_bytes())])
    }

    pub fn map(domain: u32, mapping: &Mapping) -> Self {
        let flags = u32::from(mapping.read) | u32::from(mapping.write) << 1;
        let range = [mapping.first, mapping.last, mapping.physical].map(u64::to_le_bytes);
        let (domain, flags) = (domain.to_le_bytes(), flags.to_le_bytes());
        Request::new(3, 36, &[(4, &domain), (8, &range[0]), (16, &range[1]), (24, &range[2]), (32, &flags)])
    }

    pub fn unmap(domain: u32, first: u64, last: u64) -> Self {
        let range = [first, last].map(u64::to_le_bytes);
        Request::new(4, 28, &[(4, &domain.to_le_bytes()), (8, &range[0]), (16, &range[1])])
    }

    pub fn probe(endpoint: u32, property_size: u32) -> Self {
        Request { property_size, ..Request::new(5, 72, &[(4, &endpoint.to_le_bytes())]) }
    }
}

/// The request queue, and the memory in which the request at hand lies.
pub struct Requests {
    ring: Ring,
    memory: Dma,
}

impl Requests {
    pub fn new(ring: Ring, probe_size: u32, memory: &impl Memory) -> Result<Self, Problem> {
        let size = ANSWER + (probe_size + TAIL_SIZE) as usize;
        Ok(Requests { ring, memory: memory.dma_alloc(size, 0).ok_or("there is no memory for requests")? })
    }

    pub fn ring(&mut self) -> &mut Ring {
        &mut self.ring
    }

    pub fn give_back(self, memory: &impl Memory) {
        self.ring.give_back(memory);
        memory.dma_dealloc(self.memory);
    }

    /// Sends a request, waits for its answer, and gives the properties that came with it.
    pub fn send<D: Device>(&mut self, pci: &mut Pci<D>, request: &Request) -> Result<Vec<u8>, Problem> {
        // Nothing is with the device: what it returns all the same would be taken for the answer to this request.
        while self.ring.take().is_some() {}
        if pci.broken {
            return Err("the device is broken; it has to be stopped and started");
        }
        let answer_size = request.property_size + TAIL_SIZE;
        self.memory.write(0, &request.bytes);
        // No status, so that nothing can be taken for an answer that is none.
        self.memory.write(ANSWER, &alloc::vec![0xff; answer_size as usize]);
        let physical = self.memory.physical();
        let added = self.ring.add(&[
            Piece { address: physical, length: request.bytes.len() as u32, writable: false },
            Piece { address: physical + ANSWER as u64, length: answer_size, writable: true },
        ]);
        added.ok_or("the queue is full")?;
        pci.kick(&mut self.ring);
        let (_, written) = pci.collect(&mut self.ring)?;
        self.answer(request.property_size, written)
    }

    /// The status counts only if the device says that it wrote as far.
    fn answer(&self, property_size: u32, written: u32) -> Result<Vec<u8>, Problem> {
        if written <= property_size {
            return Err("the device returned the request without an answer");
        }
        let [status] = self.memory.read(ANSWER + property_size as usize);
        if let Some(problem) = status_problem(status) {
            return Err(problem);
        }
        let mut properties = alloc::vec![0; property_size as usize];
        self.memory.read_into(ANSWER, &mut properties);
        Ok(properties)
    }
}

fn status_problem(status: u8) -> Option<Problem> {
    match status {
        0 => None,
        1 => Some("the device answered VIRTIO_IOMMU_S_IOERR"),
        2 => Some("the device answered VIRTIO_IOMMU_S_UNSUPP"),
        3 => Some("the device answered VIRTIO_IOMMU_S_DEVERR"),
        4 => Some("the device answered VIRTIO_IOMMU_S_INVAL"),
        5 => Some("the device answered VIRTIO_IOMMU_S_RANGE"),
        6 => Some("the device answered VIRTIO_IOMMU_S_NOENT"),
        7 => Some("the device answered VIRTIO_IOMMU_S_FAULT"),
        8 => Some("the device answered VIRTIO_IOMMU_S_NOMEM"),
        _ => Some("the device answered an unknown status"),
    }
}
