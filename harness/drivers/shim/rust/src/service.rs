//! The loop: one command in, one answer out, until stdin ends.

use crate::answer::{Answer, Tap};
use crate::command::{next_line, Command, Line};
use crate::device::Device;
use crate::driver::{Access, Buffer, Driver, Fault, FaultReason, Outcome, Refusal, ReservedRegion};
use crate::machine::Machine;
use std::io::{self, BufRead, Write};
use viommuspec_hal::Memory;

const PEEK_MAX: u64 = 16384;

/// Entries of an answer, at most: an answer has at most 256 KiB.
const LIST_MAX: usize = 2000;

const MISSING: &str = "an argument is missing, or is no number";
const NO_ENDPOINT: &str = "there is no such endpoint";
const NO_BYTES: &str = "the buffer has no such bytes";

/// Answers the commands of `input` on `output`.
pub fn serve<D: Driver>(
    machine: &Machine,
    driver: &mut D,
    mut input: impl BufRead,
    output: impl Write,
) -> io::Result<()> {
    let mut tap = Tap::begin(output)?;
    let mut service = Service { machine, driver, buffers: Vec::new(), up: false };
    crate::debugger::wait_if_wanted();
    while let Some(line) = next_line(&mut input)? {
        match line {
            Line::Text(text) => {
                let command = Command::read(&text);
                tap.answer(command.verb(), &service.obey(&command))?;
            }
            Line::TooLong(text) => {
                tap.answer(Command::read(&text).verb(), &Err("the command is longer than 32 KiB".into()))?;
            }
        }
    }
    tap.end()
}

struct Service<'a, D: Driver> {
    machine: &'a Machine,
    driver: &'a mut D,
    buffers: Vec<Buffer>,
    /// The driver came up, and was not taken down since.
    up: bool,
}

impl<'a, D: Driver> Service<'a, D> {
    fn obey(&mut self, command: &Command<'_>) -> Outcome<Answer> {
        if !matches!(command.verb(), "start" | "stop") {
            self.driver.attend();
        }
        match command.verb() {
            "alloc" => self.alloc(command),
            "io" => self.io(command),
            "peek" => self.peek(command),
            "regions" => {
                let regions = self.driver.regions(self.endpoint(command)?)?;
                Ok(list("regions", &regions, region_text))
            }
            "faults" => Ok(list("faults", &self.driver.faults()?, fault_text)),
            _ => self.carry_out(command).map(|()| Answer::Nothing),
        }
    }

    /// Verbs that answer nothing.
    fn carry_out(&mut self, command: &Command<'_>) -> Outcome {
        match command.verb() {
            "start" => self.start(),
            "stop" => self.stop(),
            "attach" => {
                let bypass = command.word("bypass") == Some("1");
                self.driver.attach(self.endpoint(command)?, word(command, "domain")?, bypass)
            }
            "detach" => self.driver.detach(self.endpoint(command)?, word(command, "domain")?),
            "map" => self.map(command),
            "unmap" => self.driver.unmap(word(command, "domain")?, number(command, "iova")?, length(command)?),
            "free" => self.free(command),
            "poke" => self.poke(command),
            "bypass" => match command.number("value") {
                Some(value @ 0..=1) => self.driver.bypass(value == 1),
                _ => Err("value has to be 0 or 1".into()),
            },
            "release" => self.driver.release(self.endpoint(command)?),
            "resize" => self.driver.resize(self.endpoint(command)?, number(command, "size")?),
            "reset-queue" => self.driver.reset_queue(word(command, "queue")?),
            "suspend" => self.driver.suspend(),
            "resume" => self.driver.resume(),
            "plug" => self.driver.plug(self.endpoint(command)?),
            "unplug" => self.driver.unplug(self.endpoint(command)?),
            "lose-iommu" => {
                self.up = false;
                self.driver.lose_iommu()
            }
            "end-domain" => self.driver.end_domain(word(command, "domain")?),
            "shutdown" => {
                self.up = false;
                self.driver.shutdown()
            }
            _ => Err(Refusal::Skip),
        }
    }

    fn start(&mut self) -> Outcome {
        if !self.up {
            self.driver.start()?;
            self.up = true;
        }
        Ok(())
    }

    fn stop(&mut self) -> Outcome {
        self.up = false;
        let outcome = self.driver.stop();
        self.buffers.drain(..).for_each(|buffer| self.machine.memory.dma_dealloc(buffer.memory));
        outcome
    }

    fn map(&mut self, command: &Command<'_>) -> Outcome {
        let (domain, name) = (word(command, "domain")?, word(command, "buffer")?);
        let (iova, length, access) = (number(command, "iova")?, length(command)?, access(command)?);
        let known = self.buffer(name);
        let index = known.unwrap_or(self.buffers.len());
        if known.is_none() {
            let buffer = self.new_buffer(name, length)?;
            self.buffers.push(buffer);
        }
        let buffer = &self.buffers[index];
        if buffer.length < length {
            return Err("the buffer is shorter than that".into());
        }
        self.driver.map(domain, iova, length, access, buffer)
    }

    fn alloc(&mut self, command: &Command<'_>) -> Outcome<Answer> {
        let (endpoint, name) = (self.endpoint(command)?, word(command, "buffer")?);
        let (length, access) = (length(command)?, access(command)?);
        if self.buffer(name).is_some() {
            return Err("the buffer is in use".into());
        }
        let mut buffer = self.new_buffer(name, length)?;
        match self.driver.alloc(endpoint, &mut buffer, access) {
            Ok(iova) => {
                self.buffers.push(buffer);
                Ok(Answer::Value("iova", format!("{:#x}", iova)))
            }
            Err(refusal) => {
                self.machine.memory.dma_dealloc(buffer.memory);
                Err(refusal)
            }
        }
    }

    fn free(&mut self, command: &Command<'_>) -> Outcome {
        let endpoint = self.endpoint(command)?;
        let index = self.buffer(word(command, "buffer")?).ok_or("there is no such buffer")?;
        self.driver.free(endpoint, &self.buffers[index])?;
        self.machine.memory.dma_dealloc(self.buffers.swap_remove(index).memory);
        Ok(())
    }

    fn io(&mut self, command: &Command<'_>) -> Outcome<Answer> {
        let moved = self.driver.io(self.endpoint(command)?, length(command)?)?;
        Ok(Answer::Value("bytes", moved.to_string()))
    }

    fn poke(&mut self, command: &Command<'_>) -> Outcome {
        let bytes = command.bytes("bytes").ok_or("bytes has to be in hexadecimal")?;
        let (index, offset) = self.bytes_of(command, bytes.len())?;
        self.buffers[index].memory.write(offset, &bytes);
        Ok(())
    }

    fn peek(&mut self, command: &Command<'_>) -> Outcome<Answer> {
        let length = command.number("length").filter(|length| (1..=PEEK_MAX).contains(length));
        let mut bytes = vec![0; length.ok_or("length has to be a number from 1 to 16384")? as usize];
        let (index, offset) = self.bytes_of(command, bytes.len())?;
        self.buffers[index].memory.read_into(offset, &mut bytes);
        Ok(Answer::Value("bytes", bytes.iter().map(|byte| format!("{:02x}", byte)).collect()))
    }

    /// The named buffer, and the offset in it that `count` bytes follow.
    fn bytes_of(&self, command: &Command<'_>, count: usize) -> Outcome<(usize, usize)> {
        let index = self.buffer(word(command, "buffer")?).ok_or(NO_BYTES)?;
        let offset = usize::try_from(number(command, "offset")?).map_err(|_| NO_BYTES)?;
        let end = offset.checked_add(count).ok_or(NO_BYTES)?;
        if end > self.buffers[index].memory.size() {
            return Err(NO_BYTES.into());
        }
        Ok((index, offset))
    }

    fn endpoint(&self, command: &Command<'_>) -> Outcome<&'a Device> {
        let machine: &'a Machine = self.machine;
        Ok(machine.endpoint(word(command, "endpoint")?).ok_or(NO_ENDPOINT)?)
    }

    fn buffer(&self, name: &str) -> Option<usize> {
        self.buffers.iter().position(|buffer| buffer.name == name)
    }

    fn new_buffer(&self, name: &str, length: u64) -> Outcome<Buffer> {
        let size = usize::try_from(length).map_err(|_| "there is no memory for the buffer")?;
        let memory = self.machine.memory.dma_alloc(size, self.driver.buffer_alignment());
        let memory = memory.ok_or("there is no memory for the buffer")?;
        Ok(Buffer { name: name.to_string(), memory, length, address: 0 })
    }
}

fn word<'a>(command: &Command<'a>, key: &str) -> Outcome<&'a str> {
    Ok(command.word(key).ok_or(MISSING)?)
}

fn number(command: &Command<'_>, key: &str) -> Outcome<u64> {
    Ok(command.number(key).ok_or(MISSING)?)
}

fn length(command: &Command<'_>) -> Outcome<u64> {
    Ok(command.number("length").filter(|&length| length != 0).ok_or(MISSING)?)
}

fn access(command: &Command<'_>) -> Outcome<Access> {
    match command.word("access") {
        Some("r") => Ok(Access { read: true, write: false }),
        Some("w") => Ok(Access { read: false, write: true }),
        Some("rw") => Ok(Access { read: true, write: true }),
        _ => Err("access has to be r, w or rw".into()),
    }
}

fn list<T>(key: &'static str, entries: &[T], text: fn(&T) -> String) -> Answer {
    Answer::List(key, entries.iter().take(LIST_MAX).map(text).collect())
}

fn region_text(region: &ReservedRegion) -> String {
    format!("{:#x} {:#x} {}", region.first, region.last, if region.msi { "msi" } else { "reserved" })
}

fn fault_text(fault: &Fault) -> String {
    let reason = match fault.reason {
        FaultReason::Unknown => "unknown",
        FaultReason::Domain => "domain",
        FaultReason::Mapping => "mapping",
    };
    let address = fault.address.map_or(String::new(), |address| format!(" address={:#x}", address));
    format!("{} endpoint={:#x}{}", reason, fault.endpoint, address)
}
