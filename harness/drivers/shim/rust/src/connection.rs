//! A client of vfio-user: one message at a time, each with its reply.

use crate::sys;
use crate::wire::{read_header, u32_at, u64_at, Command, Payload, Reply, HEADER_SIZE};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::io::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process;

const DMA_READ_WRITE: u32 = 3;
const IRQ_SET_EVENTFD_TRIGGER: u32 = 0x24;

/// Interrupts of one device, at most.
const INTERRUPTS_MAX: u32 = 64;

/// Regions that have a number here: BARs, ROM, configuration space, VGA.
const REGIONS_MAX: u32 = 9;

/// A connection to the harness's side of one device.
pub struct Connection {
    socket: UnixStream,
    next_id: Cell<u16>,
}

impl Connection {
    /// Connects to a socket, and agrees on version 0.1 with the document's defaults: one descriptor a message.
    pub fn open(path: &Path) -> io::Result<Self> {
        let connection = Connection { socket: UnixStream::connect(path)?, next_id: Cell::new(0) };
        connection.ask(Command::Version, Payload::default().u16(0).u16(1), None)?;
        Ok(connection)
    }

    /// Lets the device reach `size` bytes of the file at `physical`.
    pub fn share_memory(&self, file: &File, physical: u64, size: usize) -> io::Result<()> {
        let payload = Payload::default().u32(32).u32(DMA_READ_WRITE).u64(0).u64(physical).u64(size as u64);
        self.ask(Command::DmaMap, payload, Some(file.as_raw_fd()))?;
        Ok(())
    }

    /// Bytes of each region, by its number.
    pub fn region_sizes(&self) -> io::Result<Vec<u64>> {
        let info = self.ask(Command::DeviceGetInfo, Payload::default().u32(16).u32(0).u32(0).u32(0), None)?;
        let count = u32_at(&info, 8).min(REGIONS_MAX);
        let size = |index| {
            let payload = Payload::default().u32(32).u32(0).u32(index).u32(0).u64(0).u64(0);
            Ok(u64_at(&self.ask(Command::DeviceGetRegionInfo, payload, None)?, 16))
        };
        (0..count).map(size).collect()
    }

    /// Wires each interrupt of an index (MSI-X, or the one line) to a counter.
    pub fn wire_interrupts(&self, index: u32) -> io::Result<Vec<File>> {
        let payload = Payload::default().u32(16).u32(0).u32(index).u32(0);
        let count = u32_at(&self.ask(Command::DeviceGetIrqInfo, payload, None)?, 12).min(INTERRUPTS_MAX);
        let wire = |vector| {
            let counter = sys::event_counter()?;
            let payload = Payload::default().u32(20).u32(IRQ_SET_EVENTFD_TRIGGER).u32(index).u32(vector).u32(1);
            self.ask(Command::DeviceSetIrqs, payload, Some(counter.as_raw_fd()))?;
            Ok(counter)
        };
        (0..count).map(wire).collect()
    }

    /// Reads up to 8 bytes of a region. None if the harness refuses.
    pub fn read(&self, region: u32, offset: u64, width: usize) -> Option<u64> {
        let payload = Payload::default().u64(offset).u32(region).u32(width as u32);
        let reply = self.ask(Command::RegionRead, payload, None).ok()?;
        let mut bytes = [0; 8];
        bytes[..width].copy_from_slice(reply.get(16..16 + width)?);
        Some(u64::from_le_bytes(bytes))
    }

    /// Writes the first `width` bytes of `value` to a region. The harness keeps to itself what it refuses.
    pub fn write(&self, region: u32, offset: u64, width: usize, value: u64) {
        let payload = Payload::default().u64(offset).u32(region).u32(width as u32);
        let _refused = self.ask(Command::RegionWrite, payload.bytes(&value.to_le_bytes()[..width]), None);
    }

    /// The bytes of the reply, or the error with which the harness refused. Without the harness there is nothing left to do,
    /// and the program ends.
    fn ask(&self, command: Command, payload: Payload, fd: Option<RawFd>) -> io::Result<Vec<u8>> {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        match self.exchange(&payload.into_message(id, command), id, command, fd) {
            Ok((Reply::Good, bytes)) => Ok(bytes),
            Ok((Reply::Refused(error), _)) => Err(io::Error::from_raw_os_error(error)),
            Err(error) => {
                eprintln!("viommuspec: the harness has gone at {:?}: {}.", command, error);
                process::exit(1);
            }
        }
    }

    fn exchange(&self, message: &[u8], id: u16, command: Command, fd: Option<RawFd>) -> io::Result<(Reply, Vec<u8>)> {
        let mut socket = &self.socket;
        // The descriptor goes with the first byte.
        let sent = fd.map_or(Ok(0), |fd| sys::send_with_fd(socket, message, fd))?;
        socket.write_all(&message[sent..])?;
        let mut header = [0; HEADER_SIZE];
        socket.read_exact(&mut header)?;
        let (reply, size) = read_header(&header, id, command)
            .map_err(|sentence| io::Error::new(io::ErrorKind::InvalidData, sentence))?;
        let mut bytes = vec![0; size];
        socket.read_exact(&mut bytes)?;
        Ok((reply, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    /// A harness that answers one message with `answer`, and the header of what it was asked.
    fn harness(answer: Vec<u8>) -> (Connection, thread::JoinHandle<Vec<u8>>) {
        let (socket, mut other) = UnixStream::pair().unwrap();
        let asked = thread::spawn(move || {
            let mut header = vec![0; HEADER_SIZE];
            other.read_exact(&mut header).unwrap();
            let mut rest = vec![0; u32_at(&header, 4) as usize - HEADER_SIZE];
            other.read_exact(&mut rest).unwrap();
            other.write_all(&answer).unwrap();
            [header, rest].concat()
        });
        (Connection { socket, next_id: Cell::new(0) }, asked)
    }

    fn reply(command: u16, flags: u32, error: u32, payload: &[u8]) -> Vec<u8> {
        let header = [u32::from(command) << 16, (HEADER_SIZE + payload.len()) as u32, flags, error];
        [header.iter().flat_map(|word| word.to_ne_bytes()).collect(), payload.to_vec()].concat()
    }

    #[test]
    fn a_register_is_what_the_reply_says() {
        let mut payload = vec![0; 16];
        payload.extend([0x78, 0x56, 0x34, 0x12]);
        let (connection, asked) = harness(reply(9, 1, 0, &payload));
        assert_eq!(connection.read(7, 0x40, 4), Some(0x1234_5678));
        assert_eq!(u64_at(&asked.join().unwrap(), HEADER_SIZE), 0x40);
    }

    #[test]
    fn what_is_refused_or_too_short_is_no_register() {
        let (connection, _asked) = harness(reply(9, 0x21, 22, &[]));
        assert_eq!(connection.read(0, 0, 4), None);
        let (connection, _asked) = harness(reply(9, 1, 0, &[0; 18]));
        assert_eq!(connection.read(0, 0, 4), None);
    }

    #[test]
    fn a_harness_that_ends_in_the_middle_is_noticed() {
        let (connection, _asked) = harness(reply(9, 1, 0, &[0; 20])[..30].to_vec());
        let message = Payload::default().into_message(0, Command::RegionRead);
        assert!(connection.exchange(&message, 0, Command::RegionRead, None).is_err());
    }
}
