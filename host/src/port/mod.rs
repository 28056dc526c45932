//! Where bytes of the host link go: a serial port, or a board inside this process.
//!
//! | name | port |
//! |---|---|
//! | `/dev/ttyUSB0`, `COM3`, any path | [`Serial`]: that serial port |
//! | `virtual`, `virtual:CONFIG` | the virtual board, opened as a serial port through a pseudo-terminal (unix) |
//! | `virtual-direct`, `virtual-direct:CONFIG` | the virtual board without the pseudo-terminal |
//! | `rust-hdl`, `rust-hdl:CONFIG` | the same RTL in rust-hdl's own simulator: slow, and without Verilog in between |
//! | `model`, `model:CONFIG` | the reference model behind the same link |
//! | `model-pty`, `model-pty:CONFIG` | the reference model, opened as a serial port through a pseudo-terminal (unix) |
//!
//! `CONFIG` is a ready configuration or the path of a TOML file.

mod direct;
mod faulty;
mod holder;
mod name;
mod serial;

pub use direct::Direct;
pub use faulty::{ByFault, Counting, Fault, FaultCounts, FaultPlan, FaultPlanError, Faults, Faulty, Scheduled};
pub use holder::{Holder, holders};
pub use name::{Engine, PortName, StartError, model_board, open, virtual_board};
pub use serial::{PortError, Serial, existing};

use std::io;
use std::time::Duration;

/// Bytes a second of a simulated board, on a machine with better things to do: nothing is lost on the way to it, so a host
/// has no reason to be hasty.
const SIMULATED: Option<u32> = Some(20_000);

/// Takes bytes to a board and brings bytes from it.
///
/// A port has its own clock so that one inside this process does not make anybody wait: where silence is certain, the
/// time that a caller was ready to wait passes at once.
pub trait Port: Send {
    /// Sends all of the bytes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits until bytes come, at most for `timeout`. Returns how many came, 0 when none did.
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize>;

    /// Time on this port's clock since some moment before its first use.
    fn now(&self) -> Duration;

    /// Bytes a second that the line carries in each direction; `None` when nothing limits it.
    fn bytes_per_second(&self) -> Option<u32>;

    /// The name to use in messages.
    fn name(&self) -> &str;

    /// Faults that were put on the line on purpose so far; `None` where none are.
    fn faults(&self) -> Option<FaultCounts> {
        None
    }
}

impl<P: Port + ?Sized> Port for Box<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).write(bytes)
    }
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        (**self).read(buffer, timeout)
    }
    fn now(&self) -> Duration {
        (**self).now()
    }
    fn bytes_per_second(&self) -> Option<u32> {
        (**self).bytes_per_second()
    }
    fn name(&self) -> &str {
        (**self).name()
    }
    fn faults(&self) -> Option<FaultCounts> {
        (**self).faults()
    }
}
