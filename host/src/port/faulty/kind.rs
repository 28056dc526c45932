//! Kinds of faults, and how many there were of each.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What happens to a byte, or from a byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Some byte that nobody sent arrives before it.
    Insert,
    /// It does not arrive.
    Drop,
    /// One of its bits arrives inverted.
    Flip,
    /// It arrives twice.
    Duplicate,
    /// It and all behind it in its direction arrive later by a time, as a busy driver or an FTDI bridge with its latency timer
    /// keeps bytes back.
    Delay,
    /// The transfer breaks before it: what is before it comes by itself, the rest in the next transfer.
    Tear,
    /// From it on nothing comes in either direction for a time, then all that was kept back.
    Stall,
    /// From it on every read and write fails, as with a device that was unplugged.
    Disconnect,
}

impl Fault {
    /// In the order in which they are drawn for a byte.
    pub const ALL: [Fault; 8] = [
        Fault::Insert,
        Fault::Drop,
        Fault::Flip,
        Fault::Duplicate,
        Fault::Delay,
        Fault::Tear,
        Fault::Stall,
        Fault::Disconnect,
    ];

    /// The name in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Insert => "insert",
            Fault::Drop => "drop",
            Fault::Flip => "flip",
            Fault::Duplicate => "duplicate",
            Fault::Delay => "delay",
            Fault::Tear => "tear",
            Fault::Stall => "stall",
            Fault::Disconnect => "disconnect",
        }
    }

    /// Whether it takes a time.
    pub const fn is_timed(self) -> bool {
        matches!(self, Fault::Delay | Fault::Stall)
    }

    pub(super) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How many faults of each kind a line had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FaultCounts {
    pub insert: u64,
    pub drop: u64,
    pub flip: u64,
    pub duplicate: u64,
    pub delay: u64,
    pub tear: u64,
    pub stall: u64,
    pub disconnect: u64,
}

impl FaultCounts {
    pub fn of(&self, fault: Fault) -> u64 {
        match fault {
            Fault::Insert => self.insert,
            Fault::Drop => self.drop,
            Fault::Flip => self.flip,
            Fault::Duplicate => self.duplicate,
            Fault::Delay => self.delay,
            Fault::Tear => self.tear,
            Fault::Stall => self.stall,
            Fault::Disconnect => self.disconnect,
        }
    }

    pub fn total(&self) -> u64 {
        Fault::ALL.into_iter().map(|fault| self.of(fault)).sum()
    }

    pub(super) fn add(&mut self, fault: Fault) {
        *match fault {
            Fault::Insert => &mut self.insert,
            Fault::Drop => &mut self.drop,
            Fault::Flip => &mut self.flip,
            Fault::Duplicate => &mut self.duplicate,
            Fault::Delay => &mut self.delay,
            Fault::Tear => &mut self.tear,
            Fault::Stall => &mut self.stall,
            Fault::Disconnect => &mut self.disconnect,
        } += 1;
    }
}

/// `7 (4 drop, 3 flip)`
impl fmt::Display for FaultCounts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.total())?;
        let parts: Vec<String> = Fault::ALL
            .into_iter()
            .filter(|&fault| self.of(fault) > 0)
            .map(|fault| format!("{} {fault}", self.of(fault)))
            .collect();
        if parts.is_empty() { Ok(()) } else { write!(f, " ({})", parts.join(", ")) }
    }
}
