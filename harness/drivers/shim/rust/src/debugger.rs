//! `VIOMMUSPEC_WAIT=1`: the program waits until a debugger has it.

use std::time::Duration;
use std::{env, fs, process, thread};

/// Whether a debugger has this process, as /proc says.
fn is_traced() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    tracer.map_or(false, |id| id.trim() != "0")
}

pub fn wait_if_wanted() {
    if env::var_os("VIOMMUSPEC_WAIT").map_or(true, |value| value != "1") {
        return;
    }
    eprintln!("viommuspec: process {} waits for a debugger.", process::id());
    while !is_traced() {
        thread::sleep(Duration::from_millis(100));
    }
}
