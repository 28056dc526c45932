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

    /// Those that change bytes.
    pub const OF_BYTES: [Fault; 4] = [Fault::Insert, Fault::Drop, Fault::Flip, Fault::Duplicate];

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

/// Something for each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ByFault<T: Default> {
    pub insert: T,
    pub drop: T,
    pub flip: T,
    pub duplicate: T,
    pub delay: T,
    pub tear: T,
    pub stall: T,
    pub disconnect: T,
}

impl<T: Copy + Default> ByFault<T> {
    pub fn of(&self, fault: Fault) -> T {
        let mut values = *self;
        *values.of_mut(fault)
    }

    pub(super) fn of_mut(&mut self, fault: Fault) -> &mut T {
        match fault {
            Fault::Insert => &mut self.insert,
            Fault::Drop => &mut self.drop,
            Fault::Flip => &mut self.flip,
            Fault::Duplicate => &mut self.duplicate,
            Fault::Delay => &mut self.delay,
            Fault::Tear => &mut self.tear,
            Fault::Stall => &mut self.stall,
            Fault::Disconnect => &mut self.disconnect,
        }
    }
}

/// How many faults of each kind a line had.
pub type FaultCounts = ByFault<u64>;

impl FaultCounts {
    pub fn total(&self) -> u64 {
        Fault::ALL.into_iter().map(|fault| self.of(fault)).sum()
    }

    pub(super) fn add(&mut self, fault: Fault) {
        *self.of_mut(fault) += 1;
    }
}

/// How often what happens to a byte, as probabilities for each byte of either direction.
pub type Faults = ByFault<f64>;

impl Faults {
    /// The same probability for each kind that changes bytes: insert, drop, flip, duplicate.
    pub fn all(probability: f64) -> Self {
        let mut faults = Self::default();
        Fault::OF_BYTES.into_iter().for_each(|fault| *faults.of_mut(fault) = probability);
        faults
    }

    /// This probability for one kind.
    pub fn only(fault: Fault, probability: f64) -> Self {
        let mut faults = Self::default();
        *faults.of_mut(fault) = probability;
        faults
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
