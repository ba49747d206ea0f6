//! The device as a whole: bringing it up and down, its domains, and the endpoints behind it.

use crate::config::{self, Config};
use crate::domain::{Domain, Mapping};
use crate::events::{Events, FaultRecord};
use crate::features::{F_BYPASS_CONFIG, F_EVENT_IDX, IOMMU_NEEDED, IOMMU_WANTED};
use crate::pci::Pci;
use crate::region::{read_regions, region_in, Region};
use crate::requests::{Request, Requests, PIECES};
use crate::ring::Ring;
use crate::Problem;
use alloc::vec::Vec;
use viommuspec_hal::{Device, Dma, Memory};

const VIRTIO_ID_IOMMU: u64 = 23;
const REQUEST_QUEUE: u16 = 0;
const EVENT_QUEUE: u16 = 1;
const QUEUE_MOST: u16 = 64;

struct Endpoint {
    id: u32,
    regions: Vec<Region>,
    /// The number of the domain that it is in.
    domain: Option<u32>,
}

/// A virtio-iommu that is up.
pub struct Iommu<D, M> {
    pci: Pci<D>,
    memory: M,
    config: Config,
    requests: Requests,
    events: Events,
    domains: Vec<Domain>,
    endpoints: Vec<Endpoint>,
}

/// Negotiates and sets up all that there is before DRIVER_OK.
fn bring_up<D: Device>(pci: &mut Pci<D>, memory: &impl Memory) -> Result<(Config, Requests, Events), Problem> {
    pci.negotiate(IOMMU_NEEDED, IOMMU_WANTED)?;
    let config = Config::read(pci);
    config.check()?;
    let [requests, events] = [REQUEST_QUEUE, EVENT_QUEUE].map(|index| pci.queue_most(index).min(QUEUE_MOST));
    let event_index = pci.has(F_EVENT_IDX);
    let requests = Ring::new(REQUEST_QUEUE, requests, PIECES, event_index, memory.dma_alloc(Ring::bytes(requests), 0))?;
    let events = Ring::new(EVENT_QUEUE, events, 1, event_index, memory.dma_alloc(Ring::bytes(events), 0))?;
    let mut requests = Requests::new(requests, config.probe_size, memory)?;
    let mut events = Events::new(events, memory)?;
    // The IOMMU is not behind itself: its rings and requests lie at physical addresses.
    let at = requests.ring().memory().physical();
    pci.enable_queue(requests.ring(), at);
    events.fill();
    let at = events.ring().memory().physical();
    pci.enable_queue(events.ring(), at);
    Ok((config, requests, events))
}

impl<D: Device, M: Memory> Iommu<D, M> {
    /// Brings the device up; it is given up if that fails.
    pub fn open(device: D, memory: M) -> Result<Self, Problem> {
        let mut pci = Pci::find(device, VIRTIO_ID_IOMMU)?;
        pci.reset()?;
        let (config, requests, mut events) = match bring_up(&mut pci, &memory) {
            Ok(parts) => parts,
            Err(problem) => {
                pci.give_up();
                return Err(problem);
            }
        };
        pci.go_live();
        pci.kick(events.ring());
        // What the firmware let through, the driver does not (5.13.5), whatever the field says.
        if pci.has(F_BYPASS_CONFIG) {
            config::set_bypass(&pci, false);
        }
        Ok(Iommu { pci, memory, config, requests, events, domains: Vec::new(), endpoints: Vec::new() })
    }

    /// Resets the device. Nothing is mapped or attached any more.
    pub fn close(mut self) {
        // Memory that a device does not let go of is lost.
        if self.pci.reset().is_ok() {
            self.pci.cut_off();
            self.requests.give_back(&self.memory);
            self.events.give_back(&self.memory);
        }
    }

    /// Takes note of what has happened: another configuration, a wish for a reset, fault records.
    pub fn attend(&mut self) {
        if self.pci.attend() && !self.pci.broken {
            // Memory for PROBE was made for the size of the start.
            let config = Config { probe_size: self.config.probe_size, ..Config::read(&self.pci) };
            if config.check().is_ok() {
                self.config = config;
            }
        }
        self.events.collect(&self.pci);
    }

    /// Faults since the last call.
    pub fn take_faults(&mut self) -> Vec<FaultRecord> {
        self.events.take_faults()
    }

    /// What addresses and lengths of mappings are multiples of.
    pub fn granule(&self) -> u64 {
        self.config.granule
    }

    /// Whether endpoints that are in no domain pass.
    pub fn set_bypass(&mut self, value: bool) -> Result<(), Problem> {
        if !self.pci.has(F_BYPASS_CONFIG) {
            return Err("the device has no bypass to set");
        }
        config::set_bypass(&self.pci, value);
        Ok(())
    }

    fn send(&mut self, request: &Request) -> Result<Vec<u8>, Problem> {
        self.requests.send(&mut self.pci, request)
    }

    /// Learns of an endpoint, and asks the device what it must not be given. It can be used also if there is no answer.
    pub fn add_endpoint(&mut self, id: u32) -> Result<(), Problem> {
        let probed = match self.config.probe_size {
            0 => Ok(Vec::new()),
            size => self.send(&Request::probe(id, size)),
        };
        let regions = probed.as_ref().map_or(Vec::new(), |properties| read_regions(properties));
        self.endpoints.push(Endpoint { id, regions, domain: None });
        probed.map(|_| ())
    }

    /// What the endpoint must not be given.
    pub fn regions(&self, endpoint: u32) -> Result<&[Region], Problem> {
        Ok(&self.endpoints[self.endpoint(endpoint)?].regions)
    }

    /// Makes a domain that no endpoint is in yet, and gives its number.
    pub fn add_domain(&mut self, bypass: bool) -> Result<u32, Problem> {
        if bypass && !self.pci.has(F_BYPASS_CONFIG) {
            return Err("the device has no bypass domains");
        }
        let mut numbers = self.config.first_domain..=self.config.last_domain;
        let number = numbers.find(|&number| self.domain(number).is_err()).ok_or("the device has no more domains")?;
        self.domains.push(Domain::new(number, bypass));
        Ok(number)
    }

    /// Forgets a domain that no endpoint is in.
    pub fn remove_domain(&mut self, number: u32) {
        self.domains.retain(|domain| domain.number != number);
    }

    fn endpoint(&self, id: u32) -> Result<usize, Problem> {
        self.endpoints.iter().position(|it| it.id == id).ok_or("the endpoint is not behind the IOMMU")
    }

    fn domain(&self, number: u32) -> Result<usize, Problem> {
        self.domains.iter().position(|it| it.number == number).ok_or("there is no such domain")
    }

    /// Whether an endpoint is in the domain.
    pub fn has_endpoints(&self, domain: u32) -> bool {
        self.endpoints.iter().any(|it| it.domain == Some(domain))
    }

    /// The domain that the endpoint is in.
    pub fn domain_of(&self, endpoint: u32) -> Option<u32> {
        self.endpoints[self.endpoint(endpoint).ok()?].domain
    }

    /// Puts the endpoint into the domain, whatever domain it was in.
    pub fn attach(&mut self, number: u32, id: u32) -> Result<(), Problem> {
        let (domain, endpoint) = (&self.domains[self.domain(number)?], self.endpoint(id)?);
        if self.endpoints[endpoint].domain == Some(number) {
            return Ok(());
        }
        let reserved = |it: &Mapping| region_in(&self.endpoints[endpoint].regions, it.first, it.last).is_some();
        if domain.mappings().any(reserved) {
            return Err("a mapping of the domain lies in a reserved region of the endpoint");
        }
        let request = Request::attach(number, id, domain.bypass);
        // With its last endpoint the device forgot the domain (5.13.6.4); with the first one that comes, it has to learn again.
        let again: Vec<Mapping> =
            if self.has_endpoints(number) { Vec::new() } else { domain.mappings().copied().collect() };
        self.send(&request)?;
        self.endpoints[endpoint].domain = Some(number);
        let mapped = again.iter().try_for_each(|it| self.send(&Request::map(number, it)).map(|_| ()));
        if mapped.is_err() {
            self.detach(id)?;
        }
        mapped
    }

    /// Takes the endpoint out of whatever domain it is in.
    pub fn detach(&mut self, id: u32) -> Result<(), Problem> {
        let endpoint = self.endpoint(id)?;
        if let Some(domain) = self.endpoints[endpoint].domain {
            self.send(&Request::detach(domain, id))?;
            self.endpoints[endpoint].domain = None;
        }
        Ok(())
    }

    /// The reserved region of an endpoint in the domain that the range touches.
    fn reserved(&self, domain: u32, first: u64, last: u64) -> Option<&Region> {
        let mut inside = self.endpoints.iter().filter(|it| it.domain == Some(domain));
        inside.find_map(|it| region_in(&it.regions, first, last))
    }

    /// Why this must not be mapped.
    fn objection(&self, domain: &Domain, it: &Mapping) -> Option<Problem> {
        let unaligned = (it.first | it.physical | it.last.wrapping_add(1)) & (self.config.granule - 1) != 0;
        let rules = [
            (domain.bypass, "the domain does not translate"),
            (!self.has_endpoints(domain.number), "no endpoint is in the domain"),
            (it.last <= it.first || unaligned, "the range is not made of whole pages"),
            (
                it.first < self.config.first_address || it.last > self.config.last_address,
                "the range lies outside of the addresses that the device translates",
            ),
            (self.reserved(domain.number, it.first, it.last).is_some(), "the range lies in a reserved region"),
            (domain.mapping_in(it.first, it.last).is_some(), "the range is mapped already"),
        ];
        rules.iter().find(|(broken, _)| *broken).map(|(_, problem)| *problem)
    }

    /// Maps a range, and waits until the device has confirmed it.
    pub fn map(&mut self, number: u32, mapping: Mapping) -> Result<(), Problem> {
        let index = self.domain(number)?;
        if let Some(problem) = self.objection(&self.domains[index], &mapping) {
            return Err(problem);
        }
        self.send(&Request::map(number, &mapping))?;
        self.domains[index].insert(mapping);
        Ok(())
    }

    /// Removes the mappings that lie in the range, and waits until the device has confirmed it.
    pub fn unmap(&mut self, number: u32, first: u64, last: u64) -> Result<(), Problem> {
        let index = self.domain(number)?;
        let mappings = self.domains[index].whole_mappings(first, last)?;
        // From the first mapping to the last: no address outside of input_range is named.
        if let (Some(lowest), Some(highest), true) = (mappings.first(), mappings.last(), self.has_endpoints(number)) {
            self.send(&Request::unmap(number, lowest.first, highest.last))?;
        }
        self.domains[index].remove(&mappings);
        Ok(())
    }

    /// The memory that devices reach.
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// Maps memory where there is room in the domain, and gives the address. The size is a multiple of the granule.
    pub fn dma_map(&mut self, domain: u32, memory: &Dma, read: bool, write: bool) -> Result<u64, Problem> {
        let first = self.room(domain, memory.size() as u64)?;
        let last = first + (memory.size() as u64 - 1);
        self.map(domain, Mapping { first, last, physical: memory.physical(), read, write })?;
        Ok(first)
    }

    /// Undoes `dma_map`.
    pub fn dma_unmap(&mut self, domain: u32, first: u64, memory: &Dma) -> Result<(), Problem> {
        self.unmap(domain, first, first + (memory.size() as u64 - 1))
    }

    /// The first of the highest free addresses for `size` bytes.
    fn room(&self, number: u32, size: u64) -> Result<u64, Problem> {
        let domain = &self.domains[self.domain(number)?];
        let whole = |address: u64| address & !(self.config.granule - 1);
        // One beyond what is given out. The last page is left alone: devices are known that refuse to map up to 2^64.
        let mut end = whole(self.config.last_address);
        loop {
            let first = end.checked_sub(size).filter(|&first| first >= self.config.first_address);
            let first = first.ok_or("no address is free")?;
            let taken = self.reserved(number, first, end - 1).map(|region| region.first);
            match taken.or_else(|| domain.mapping_in(first, end - 1).map(|mapping| mapping.first)) {
                None => return Ok(first),
                Some(begin) => end = whole(begin),
            }
        }
    }
}
