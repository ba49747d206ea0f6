//! Messages of vfio-user (QEMU, docs/interop/vfio-user.rst), in the byte order of this machine.

/// Bytes before each message.
pub const HEADER_SIZE: usize = 16;

/// The most bytes of a reply to anything that is asked here.
pub const REPLY_MAX: usize = 4096;

const TYPE_MASK: u32 = 0xf;
const TYPE_REPLY: u32 = 1;
const FLAG_ERROR: u32 = 0x20;

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Version = 1,
    DmaMap = 2,
    DeviceGetInfo = 4,
    DeviceGetRegionInfo = 5,
    DeviceGetIrqInfo = 7,
    DeviceSetIrqs = 8,
    RegionRead = 9,
    RegionWrite = 10,
}

/// What the header of a reply says: an errno, or the bytes that follow.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    Refused(i32),
    Good,
}

/// Builds the payload of a message, field by field.
#[derive(Default)]
pub struct Payload(Vec<u8>);

impl Payload {
    pub fn u16(mut self, value: u16) -> Self {
        self.0.extend(value.to_ne_bytes());
        self
    }

    pub fn u32(mut self, value: u32) -> Self {
        self.0.extend(value.to_ne_bytes());
        self
    }

    pub fn u64(mut self, value: u64) -> Self {
        self.0.extend(value.to_ne_bytes());
        self
    }

    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// The whole message.
    pub fn into_message(self, id: u16, command: Command) -> Vec<u8> {
        let header =
            Payload::default().u16(id).u16(command as u16).u32((HEADER_SIZE + self.0.len()) as u32).u32(0).u32(0);
        [header.0, self.0].concat()
    }
}

/// A number in a reply; 0 where the reply has ended.
pub fn u32_at(payload: &[u8], offset: usize) -> u32 {
    payload.get(offset..offset + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_ne_bytes)
}

/// A number in a reply; 0 where the reply has ended.
pub fn u64_at(payload: &[u8], offset: usize) -> u64 {
    payload.get(offset..offset + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_ne_bytes)
}

/// Reads the header of the reply to message `id`: what it says, and how many bytes follow. A header that cannot be one is
/// refused with a sentence.
pub fn read_header(header: &[u8; HEADER_SIZE], id: u16, command: Command) -> Result<(Reply, usize), String> {
    let answered = (u32_at(header, 0) as u16, (u32_at(header, 0) >> 16) as u16);
    let (size, flags, error) = (u32_at(header, 4) as usize, u32_at(header, 8), u32_at(header, 12));
    if flags & TYPE_MASK != TYPE_REPLY || answered != (id, command as u16) {
        return Err(format!(
            "a message with id {} and command {} is no reply to {:?}",
            answered.0, answered.1, command
        ));
    }
    if !(HEADER_SIZE..=HEADER_SIZE + REPLY_MAX).contains(&size) {
        return Err(format!("a reply to {:?} claims to have {} bytes", command, size));
    }
    let reply = if flags & FLAG_ERROR == 0 { Reply::Good } else { Reply::Refused(error as i32) };
    Ok((reply, size - HEADER_SIZE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(id: u16, command: u16, size: u32, flags: u32, error: u32) -> [u8; HEADER_SIZE] {
        let bytes = Payload::default().u16(id).u16(command).u32(size).u32(flags).u32(error).0;
        bytes.try_into().unwrap()
    }

    #[test]
    fn a_message_says_how_long_it_is() {
        let message = Payload::default().u64(5).u32(1).u32(2).bytes(&[9]).into_message(7, Command::RegionWrite);
        assert_eq!(message.len(), HEADER_SIZE + 17);
        assert_eq!(u32_at(&message, 0), 10 << 16 | 7);
        assert_eq!(u32_at(&message, 4), 33);
    }

    #[test]
    fn a_reply_is_good_or_refused() {
        let good = read_header(&header(3, 9, 20, 1, 0), 3, Command::RegionRead);
        assert_eq!(good, Ok((Reply::Good, 4)));
        let refused = read_header(&header(3, 9, 16, 0x21, 22), 3, Command::RegionRead);
        assert_eq!(refused, Ok((Reply::Refused(22), 0)));
    }

    #[test]
    fn wild_sizes_are_refused() {
        for size in [0, 15, (HEADER_SIZE + REPLY_MAX) as u32 + 1, 1 << 30, u32::MAX] {
            assert!(read_header(&header(3, 9, size, 1, 0), 3, Command::RegionRead).is_err(), "{}", size);
        }
    }

    #[test]
    fn a_message_that_was_not_asked_for_is_refused() {
        assert!(read_header(&header(4, 9, 16, 1, 0), 3, Command::RegionRead).is_err());
        assert!(read_header(&header(3, 8, 16, 1, 0), 3, Command::RegionRead).is_err());
        assert!(read_header(&header(3, 9, 16, 0, 0), 3, Command::RegionRead).is_err());
    }

    #[test]
    fn what_a_short_reply_lacks_is_zero() {
        assert_eq!(u32_at(&[1, 2, 3], 0), 0);
        assert_eq!(u64_at(&[0xff; 8], 1), 0);
    }
}
