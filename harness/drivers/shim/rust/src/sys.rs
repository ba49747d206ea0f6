//! The calls of libc that std has no function for. Numbers and structures are those of Linux on machines with 64 bits.

use std::ffi::{c_void, CStr};
use std::fs::File;
use std::io;
use std::os::raw::{c_char, c_int, c_long, c_short, c_uint, c_ulong};
use std::os::unix::io::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::ptr::{self, NonNull};
use std::time::Duration;

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!("this crate knows Linux on machines with 64 bits only");

const CLOEXEC: c_uint = 0o2000000;
const NONBLOCK: c_uint = 0o4000;
const MFD_CLOEXEC: c_uint = 1;
const PROT_READ_WRITE: c_int = 3;
const MAP_SHARED: c_int = 1;
const POLLIN: c_short = 1;
const SOL_SOCKET: c_int = 1;
const SCM_RIGHTS: c_int = 1;
const MSG_NOSIGNAL: c_int = 0x4000;

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

#[repr(C)]
struct IoVec {
    base: *const c_void,
    length: usize,
}

#[repr(C)]
struct MsgHdr {
    name: *const c_void,
    name_length: c_uint,
    parts: *const IoVec,
    part_count: usize,
    control: *const c_void,
    control_length: usize,
    flags: c_int,
}

/// `struct cmsghdr` with one descriptor behind it, filled up to the alignment.
#[repr(C)]
struct PassedFd {
    length: usize,
    level: c_int,
    kind: c_int,
    fd: c_int,
    padding: c_int,
}

extern "C" {
    fn memfd_create(name: *const c_char, flags: c_uint) -> c_int;
    fn mmap(at: *mut c_void, size: usize, protection: c_int, flags: c_int, fd: c_int, offset: c_long) -> *mut c_void;
    fn eventfd(count: c_uint, flags: c_int) -> c_int;
    fn poll(fds: *mut PollFd, count: c_ulong, timeout_ms: c_int) -> c_int;
    fn sendmsg(socket: c_int, message: *const MsgHdr, flags: c_int) -> isize;
}

fn owned(fd: c_int) -> io::Result<File> {
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call that gave the descriptor has made it, for nobody else.
    Ok(File::from(unsafe { OwnedFd::from_raw_fd(fd) }))
}

/// A file of `size` zeroed bytes that has no name.
pub fn memory_file(size: usize) -> io::Result<File> {
    const NAME: &[u8] = b"guest-memory\0";
    debug_assert!(CStr::from_bytes_with_nul(NAME).is_ok());
    // SAFETY: the name ends with a zero.
    let file = owned(unsafe { memfd_create(NAME.as_ptr().cast(), MFD_CLOEXEC) })?;
    file.set_len(size as u64)?;
    Ok(file)
}

/// Where the first `size` bytes of the file are from now on, and for as long as the program runs.
pub fn map_for_good(file: &File, size: usize) -> io::Result<NonNull<u8>> {
    // SAFETY: the address is the kernel's choice, so nothing that is in use is replaced.
    let at = unsafe { mmap(ptr::null_mut(), size, PROT_READ_WRITE, MAP_SHARED, file.as_raw_fd(), 0) };
    if at as isize == -1 {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(at.cast()).ok_or_else(|| io::ErrorKind::OutOfMemory.into())
}

/// A counter that another process counts up, and that reads as 8 bytes.
pub fn event_counter() -> io::Result<File> {
    // SAFETY: the call takes numbers only.
    owned(unsafe { eventfd(0, (CLOEXEC | NONBLOCK) as c_int) })
}

/// Whether one of the files has something to read before `timeout` is over.
pub fn wait_readable(files: &[File], timeout: Duration) -> bool {
    let mut waits: Vec<PollFd> =
        files.iter().map(|file| PollFd { fd: file.as_raw_fd(), events: POLLIN, revents: 0 }).collect();
    let timeout_ms = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: the list has as many entries as the call is told, and outlives it.
    unsafe { poll(waits.as_mut_ptr(), waits.len() as c_ulong, timeout_ms) > 0 }
}

/// Sends some of `bytes`, at least one, with a descriptor; gives how many.
pub fn send_with_fd(socket: &UnixStream, bytes: &[u8], fd: RawFd) -> io::Result<usize> {
    let part = IoVec { base: bytes.as_ptr().cast(), length: bytes.len() };
    let passed = PassedFd {
        length: std::mem::size_of::<PassedFd>() - std::mem::size_of::<c_int>(),
        level: SOL_SOCKET,
        kind: SCM_RIGHTS,
        fd,
        padding: 0,
    };
    let message = MsgHdr {
        name: ptr::null(),
        name_length: 0,
        parts: &part,
        part_count: 1,
        control: (&passed as *const PassedFd).cast(),
        control_length: std::mem::size_of::<PassedFd>(),
        flags: 0,
    };
    loop {
        // SAFETY: the message and everything that it points to outlive the call, which only reads them.
        let sent = unsafe { sendmsg(socket.as_raw_fd(), &message, MSG_NOSIGNAL) };
        let error = io::Error::last_os_error();
        match usize::try_from(sent) {
            Ok(count) => return Ok(count),
            Err(_) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(error),
        }
    }
}
