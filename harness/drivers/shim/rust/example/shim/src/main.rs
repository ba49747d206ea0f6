//! The shim that carries the example driver: verbs become calls of [`Iommu`], names become numbers.

#![forbid(unsafe_code)]

mod convert;

use convert::{fault_of, location_of, region_of};
use example_driver::{endpoint_id, is_there, set_bus_master, Iommu, Mapping, Problem, Rng};
use std::collections::HashMap;
use std::process::ExitCode;
use viommuspec::{
    Access, Buffer, Device, Driver, Fault, GuestMemory, Machine, Outcome, Refusal, ReservedRegion, Topology,
};

const MEMORY_SIZE: usize = 64 << 20;

/// The driver, and what the harness calls things.
struct Shim {
    device: Device,
    endpoints: Vec<Device>,
    memory: GuestMemory,
    viot: Vec<u8>,
    iommu: Option<Iommu<Device, GuestMemory>>,
    /// IDs of the endpoints that are there and behind the IOMMU, by their names.
    ids: HashMap<String, u32>,
    /// Numbers of domains, by their names.
    domains: HashMap<String, u32>,
    /// The domain in which an endpoint's own driver maps its buffers, by the endpoint's ID.
    own: HashMap<u32, u32>,
    /// Endpoints' own drivers that are up, by the endpoints' names.
    rngs: HashMap<String, Rng<Device>>,
}

const NOT_UP: Problem = "the IOMMU is not in use";
const NO_DOMAIN: Problem = "there is no such domain";
const NOT_OWN: Problem = "the endpoint is not in the hands of its own driver";

impl Shim {
    fn new(machine: &Machine) -> Self {
        let viot = match &machine.topology {
            Some(Topology::Viot(table)) => table.clone(),
            _ => Vec::new(),
        };
        Shim {
            device: machine.iommus[0].clone(),
            endpoints: machine.endpoints.clone(),
            memory: machine.memory.clone(),
            viot,
            iommu: None,
            ids: HashMap::new(),
            domains: HashMap::new(),
            own: HashMap::new(),
            rngs: HashMap::new(),
        }
    }

    fn iommu(&mut self) -> Result<&mut Iommu<Device, GuestMemory>, Problem> {
        self.iommu.as_mut().ok_or(NOT_UP)
    }

    fn id(&self, endpoint: &Device) -> Result<u32, Problem> {
        self.ids.get(endpoint.name()).copied().ok_or("the endpoint is not behind the IOMMU")
    }

    fn domain(&self, name: &str) -> Result<u32, Problem> {
        self.domains.get(name).copied().ok_or(NO_DOMAIN)
    }

    /// Tells the driver of an endpoint that is there, and brings its own driver up.
    fn add_endpoint(&mut self, endpoint: &Device) -> Result<(), Problem> {
        if let Some(id) = endpoint_id(&self.viot, location_of(&self.device), location_of(endpoint)) {
            self.ids.insert(endpoint.name().to_string(), id);
            log(endpoint, self.iommu()?.add_endpoint(id));
        }
        log(endpoint, self.start_own(endpoint));
        Ok(())
    }

    /// An endpoint's driver starts when it can do DMA, and not before.
    fn start_own(&mut self, endpoint: &Device) -> Result<(), Problem> {
        if endpoint.kind() == "virtio-rng" {
            let domain = self.id(endpoint).ok().map(|_| self.attach_own(endpoint)).transpose()?;
            let rng = Rng::start(endpoint.clone(), domain, self.iommu()?)?;
            self.rngs.insert(endpoint.name().to_string(), rng);
        }
        Ok(())
    }

    /// True if the endpoint's own driver was up.
    fn stop_own(&mut self, endpoint: &Device) -> bool {
        let rng = self.rngs.remove(endpoint.name());
        let was_up = rng.is_some();
        if let (Some(rng), Some(iommu)) = (rng, &mut self.iommu) {
            log(endpoint, rng.stop(iommu));
        }
        was_up
    }

    /// Puts the endpoint into the domain of its own driver, and gives the domain's number.
    fn attach_own(&mut self, endpoint: &Device) -> Result<u32, Problem> {
        let id = self.id(endpoint)?;
        let known = self.own.get(&id).copied();
        let iommu = self.iommu()?;
        let inside = iommu.domain_of(id);
        if inside.is_some() {
            return known.filter(|_| inside == known).ok_or(NOT_OWN);
        }
        let domain = known.map_or_else(|| iommu.add_domain(false), Ok)?;
        self.own.insert(id, domain);
        self.iommu()?.attach(domain, id)?;
        set_bus_master(endpoint, true);
        Ok(domain)
    }

    /// Forgets the domain of the endpoint's driver, which the endpoint has left.
    fn drop_own(&mut self, id: u32) {
        if let (Some(domain), Some(iommu)) = (self.own.remove(&id), &mut self.iommu) {
            iommu.remove_domain(domain);
        }
    }
}

/// What goes wrong with one endpoint is no matter for the others.
fn log(endpoint: &Device, outcome: Result<(), Problem>) {
    if let Err(problem) = outcome {
        eprintln!("{}: {}", endpoint.name(), problem);
    }
}

/// The last of `length` addresses.
fn last_of(first: u64, length: u64) -> Result<u64, Problem> {
    first.checked_add(length - 1).ok_or("the range goes beyond the last address")
}

impl Driver for Shim {
    fn attend(&mut self) {
        if let Some(iommu) = &mut self.iommu {
            iommu.attend();
        }
    }

    fn start(&mut self) -> Outcome {
        self.iommu = Some(Iommu::open(self.device.clone(), self.memory.clone())?);
        for endpoint in self.endpoints.clone().iter().filter(|endpoint| is_there(*endpoint)) {
            self.add_endpoint(endpoint)?;
        }
        Ok(())
    }

    fn stop(&mut self) -> Outcome {
        for endpoint in &self.endpoints.clone() {
            self.stop_own(endpoint);
        }
        if let Some(mut iommu) = self.iommu.take() {
            for endpoint in &self.endpoints {
                if let Some(&id) = self.ids.get(endpoint.name()) {
                    set_bus_master(endpoint, false);
                    // What does not leave is thrown out by the reset.
                    let _refused = iommu.detach(id);
                }
            }
            iommu.close();
        }
        self.ids.clear();
        self.domains.clear();
        self.own.clear();
        Ok(())
    }

    fn attach(&mut self, endpoint: &Device, name: &str, bypass: bool) -> Outcome {
        let known = self.domains.get(name).copied();
        let id = self.id(endpoint)?;
        let iommu = self.iommu()?;
        let domain = known.map_or_else(|| iommu.add_domain(bypass), Ok)?;
        let was_up = self.stop_own(endpoint);
        let iommu = self.iommu()?;
        if let Err(problem) = iommu.attach(domain, id) {
            if known.is_none() {
                iommu.remove_domain(domain);
            }
            if was_up {
                log(endpoint, self.start_own(endpoint));
            }
            return Err(problem.into());
        }
        set_bus_master(endpoint, true);
        self.domains.insert(name.to_string(), domain);
        self.drop_own(id);
        Ok(())
    }

    fn detach(&mut self, endpoint: &Device, name: &str) -> Outcome {
        let (id, domain) = (self.id(endpoint)?, self.domain(name)?);
        let iommu = self.iommu()?;
        if iommu.domain_of(id) != Some(domain) {
            return Err("the endpoint is not in that domain".into());
        }
        set_bus_master(endpoint, false);
        iommu.detach(id)?;
        log(endpoint, self.start_own(endpoint));
        Ok(())
    }

    fn map(&mut self, name: &str, iova: u64, length: u64, access: Access, buffer: &Buffer) -> Outcome {
        let domain = self.domain(name)?;
        let mapping = Mapping {
            first: iova,
            last: last_of(iova, length)?,
            physical: buffer.memory.physical(),
            read: access.read,
            write: access.write,
        };
        Ok(self.iommu()?.map(domain, mapping)?)
    }

    fn unmap(&mut self, name: &str, iova: u64, length: u64) -> Outcome {
        let domain = self.domain(name)?;
        Ok(self.iommu()?.unmap(domain, iova, last_of(iova, length)?)?)
    }

    fn alloc(&mut self, endpoint: &Device, buffer: &mut Buffer, access: Access) -> Outcome<u64> {
        let domain = self.attach_own(endpoint)?;
        let iommu = self.iommu()?;
        buffer.address = iommu.dma_map(domain, &buffer.memory, access.read, access.write)?;
        Ok(buffer.address)
    }

    fn free(&mut self, endpoint: &Device, buffer: &Buffer) -> Outcome {
        let domain = self.own.get(&self.id(endpoint)?).copied().ok_or(NOT_OWN)?;
        Ok(self.iommu()?.dma_unmap(domain, buffer.address, &buffer.memory)?)
    }

    fn io(&mut self, endpoint: &Device, length: u64) -> Outcome<u64> {
        if endpoint.kind() != "virtio-rng" {
            return Err(Refusal::Skip);
        }
        let rng = self.rngs.get_mut(endpoint.name()).ok_or("the endpoint's driver is not running")?;
        Ok(rng.transfer(length, self.iommu.as_mut().ok_or(NOT_UP)?)?)
    }

    fn bypass(&mut self, value: bool) -> Outcome {
        Ok(self.iommu()?.set_bypass(value)?)
    }

    fn regions(&mut self, endpoint: &Device) -> Outcome<Vec<ReservedRegion>> {
        let id = self.id(endpoint)?;
        Ok(self.iommu()?.regions(id)?.iter().map(region_of).collect())
    }

    fn faults(&mut self) -> Outcome<Vec<Fault>> {
        let records = self.iommu.as_mut().map_or_else(Vec::new, Iommu::take_faults);
        Ok(records.iter().map(fault_of).collect())
    }

    fn release(&mut self, endpoint: &Device) -> Outcome {
        self.stop_own(endpoint);
        if let (Some(&id), Some(iommu)) = (self.ids.get(endpoint.name()), &mut self.iommu) {
            set_bus_master(endpoint, false);
            iommu.detach(id)?;
            self.drop_own(id);
        }
        Ok(())
    }

    fn end_domain(&mut self, name: &str) -> Outcome {
        let number = self.domain(name)?;
        let iommu = self.iommu()?;
        if iommu.has_endpoints(number) {
            return Err("an endpoint is in that domain".into());
        }
        iommu.remove_domain(number);
        self.domains.remove(name);
        Ok(())
    }

    /// More than has to be: this driver has no way down but the one that gives everything back.
    fn shutdown(&mut self) -> Outcome {
        self.stop()
    }

    fn buffer_alignment(&self) -> usize {
        self.iommu.as_ref().map_or(0, |iommu| iommu.granule() as usize)
    }
}

fn main() -> ExitCode {
    viommuspec::run(MEMORY_SIZE, Shim::new)
}
