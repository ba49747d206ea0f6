//! Makes a program a shim of viommuspec: the driver under test is yours, the rest is here.
//!
//! The contract that this crate keeps is `harness/driver-contract/VERBS.md`; `harness/drivers/shim/PORTING.md` leads through it. A shim
//! implements [`Driver`] and hands it to [`run`]:
//!
//! ```no_run
//! use std::process::ExitCode;
//! use viommuspec::{Device, Driver, Machine, Outcome};
//!
//! struct Shim {
//!     iommu: Device,
//! }
//!
//! impl Driver for Shim {
//!     fn start(&mut self) -> Outcome {
//!         Err(format!("nobody drives {} yet", self.iommu.name()).into())
//!     }
//!
//!     fn stop(&mut self) -> Outcome {
//!         Ok(())
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     viommuspec::run(16 << 20, |machine: &Machine| Shim { iommu: machine.iommus[0].clone() })
//! }
//! ```
//!
//! Nobody else may write to stdout; stderr is the driver's log. When the harness has gone, the program ends.
#![deny(missing_docs, unsafe_op_in_unsafe_fn)]

mod answer;
mod command;
mod connection;
mod debugger;
mod device;
mod driver;
mod machine;
mod memory;
mod service;
mod sys;
mod wire;

pub use device::{Device, Place};
pub use driver::{Access, Buffer, Driver, Fault, FaultReason, Outcome, Refusal, ReservedRegion};
pub use machine::{Machine, Topology};
pub use memory::GuestMemory;
pub use viommuspec_hal as hal;

use std::process::ExitCode;

/// Opens the machine with `memory_size` bytes of guest memory, and answers commands until stdin ends.
pub fn run<D: Driver>(memory_size: usize, make_driver: impl FnOnce(&Machine) -> D) -> ExitCode {
    let served = Machine::open(memory_size).and_then(|machine| {
        let mut driver = make_driver(&machine);
        let outcome = service::serve(&machine, &mut driver, std::io::stdin().lock(), std::io::stdout().lock());
        outcome.map_err(|error| format!("commands cannot be read or answered: {}", error))
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("viommuspec: {}.", sentence);
            ExitCode::FAILURE
        }
    }
}
