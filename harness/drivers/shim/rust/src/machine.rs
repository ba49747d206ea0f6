//! The machine file: which devices there are, where their sockets are, and what describes them.

use crate::command::Command;
use crate::device::{Device, Place};
use crate::memory::{GuestMemory, MEMORY_BASE};
use std::path::PathBuf;
use std::{env, fs};

/// Names are no longer than this.
const NAME_MAX: usize = 63;

/// What describes the machine, byte for byte as firmware would give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topology {
    /// A whole ACPI VIOT table.
    Viot(Vec<u8>),
    /// A flattened device tree.
    DeviceTree(Vec<u8>),
}

/// The machine that the driver under test meets.
pub struct Machine {
    /// The IOMMU; more of them only if the manifest asks for it.
    pub iommus: Vec<Device>,
    /// Endpoints, behind the IOMMU or not, there or not.
    pub endpoints: Vec<Device>,
    /// What describes it; none in machines that the manifest has to ask for.
    pub topology: Option<Topology>,
    /// Memory that every device reaches.
    pub memory: GuestMemory,
}

/// A device as a line of the file describes it.
#[derive(Debug, PartialEq, Eq)]
struct Description {
    name: String,
    kind: String,
    place: Place,
    socket: PathBuf,
}

impl Machine {
    /// Reads the machine file, connects to every device, and shares `memory_size` bytes of guest memory with all of them. A
    /// sentence if that cannot be done.
    pub fn open(memory_size: usize) -> Result<Self, String> {
        let path = env::var_os("VIOMMUSPEC_MACHINE")
            .ok_or("VIOMMUSPEC_MACHINE is not set: a shim is started by viommuspec, not by hand")?;
        let text = fs::read_to_string(&path).map_err(|error| format!("the machine file cannot be read: {}", error))?;
        let memory = GuestMemory::new(memory_size)
            .map_err(|error| format!("{} bytes of guest memory cannot be had: {}", memory_size, error))?;
        let mut machine = Machine { iommus: Vec::new(), endpoints: Vec::new(), topology: None, memory };
        text.lines().try_for_each(|line| machine.obey(&Command::read(line)))?;
        if machine.iommus.is_empty() {
            return Err("the machine file has no IOMMU".to_string());
        }
        Ok(machine)
    }

    /// The endpoint of that name. An IOMMU is no endpoint.
    pub fn endpoint(&self, name: &str) -> Option<&Device> {
        self.endpoints.iter().find(|endpoint| endpoint.name() == name)
    }

    /// Lines that are not known here are for later versions.
    fn obey(&mut self, line: &Command<'_>) -> Result<(), String> {
        match line.verb() {
            "iommu" => self.iommus.push(self.connect(describe(line, Some("iommu"), Some("virtio-iommu"))?)?),
            "endpoint" => self.endpoints.push(self.connect(describe(line, None, None)?)?),
            "topology" => self.topology = Some(read_topology(line)?),
            _ => {}
        }
        Ok(())
    }

    fn connect(&self, description: Description) -> Result<Device, String> {
        let Description { name, kind, place, socket } = description;
        let problem = |error| format!("the device behind {} cannot be used: {}", socket.display(), error);
        let device = Device::open(name, kind, place, &socket).map_err(problem)?;
        device.connection().share_memory(self.memory.file(), MEMORY_BASE, self.memory.size()).map_err(problem)?;
        Ok(device)
    }
}

fn describe(line: &Command<'_>, usual_name: Option<&str>, usual_kind: Option<&str>) -> Result<Description, String> {
    let word = |key: &str, usual: Option<&str>| {
        let found = line.word(key).or(usual).filter(|it| (1..=NAME_MAX).contains(&it.len()));
        found.map(str::to_string).ok_or(format!("the machine file describes a device without {}", key))
    };
    let socket = line.word("socket").ok_or("the machine file describes a device without socket")?;
    let place = place_of(line).ok_or("the machine file describes a device without address")?;
    Ok(Description { name: word("name", usual_name)?, kind: word("kind", usual_kind)?, place, socket: socket.into() })
}

fn place_of(line: &Command<'_>) -> Option<Place> {
    if line.word("transport").unwrap_or("pci") == "pci" {
        return read_bdf(line.word("address")?).map(Place::Pci);
    }
    Some(Place::Window {
        address: line.number("address")?,
        length: line.number("length")?,
        interrupt: line.number("interrupt").and_then(|number| number.try_into().ok()).unwrap_or(0),
    })
}

/// A PCI address as lspci writes it.
fn read_bdf(text: &str) -> Option<u16> {
    let (bus, rest) = text.split_once(':')?;
    let (device, function) = rest.split_once('.')?;
    let bus = u8::from_str_radix(bus, 16).ok()?;
    let device = u8::from_str_radix(device, 16).ok().filter(|&it| it < 32)?;
    let function = u8::from_str_radix(function, 16).ok().filter(|&it| it < 8)?;
    Some(u16::from(bus) << 8 | u16::from(device << 3 | function))
}

fn read_topology(line: &Command<'_>) -> Result<Topology, String> {
    let read = |path| fs::read(path).map_err(|error| format!("the topology cannot be read: {}", error));
    match (line.word("viot"), line.word("device-tree")) {
        (Some(path), _) => Ok(Topology::Viot(read(path)?)),
        (None, Some(path)) => Ok(Topology::DeviceTree(read(path)?)),
        (None, None) => Err("the topology has a form that is unknown here".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(line: &str) -> Result<Description, String> {
        describe(&Command::read(line), None, None)
    }

    #[test]
    fn a_function_is_found_by_its_address() {
        let found = described("endpoint name=rng kind=virtio-rng address=01:1f.7 socket=/x/rng.sock later=1").unwrap();
        assert_eq!((found.name.as_str(), found.kind.as_str()), ("rng", "virtio-rng"));
        assert_eq!(found.place, Place::Pci(0x1ff));
    }

    #[test]
    fn a_window_has_an_address_a_length_and_an_interrupt() {
        let line =
            "endpoint name=p kind=dma-engine transport=mmio address=0xa001000 length=0x1000 interrupt=17 socket=/x";
        let window = Place::Window { address: 0xa00_1000, length: 0x1000, interrupt: 17 };
        assert_eq!(described(line).unwrap().place, window);
    }

    #[test]
    fn a_line_that_lacks_something_is_refused_with_a_sentence() {
        for (line, word) in [
            ("endpoint kind=x address=00:01.0 socket=/x", "name"),
            ("endpoint name=x address=00:01.0 socket=/x", "kind"),
            ("endpoint name=x kind=x address=00:01.0", "socket"),
            ("endpoint name=x kind=x socket=/x", "address"),
            ("endpoint name=x kind=x transport=mmio address=0x1000 socket=/x", "address"),
            ("endpoint name= kind=x address=00:01.0 socket=/x", "name"),
        ] {
            assert!(described(line).unwrap_err().ends_with(word), "{}", line);
        }
        assert!(described(&format!("endpoint name={} kind=x address=00:01.0 socket=/x", "n".repeat(64))).is_err());
    }

    #[test]
    fn what_is_no_pci_address_is_refused() {
        for text in ["", "00", "00:20.0", "00:01.8", "100:01.0", "00:01", "0000:00:01.0", "-1:01.0"] {
            assert_eq!(read_bdf(text), None, "{:?}", text);
        }
    }
}
