//! Spikes in files and pipes: what went into a network or came out of it, in formats that others read and write.
//!
//! A set of spikes is some samples of some ticks, each with the lines (inputs or outputs, neurons, pixels) that have a spike.
//!
//! | [`Format`] | by the ending | samples a file | says how many lines | says how long a tick is |
//! |---|---|---|---|---|
//! | AER text | `.csv`, `.aer`, `.txt`, `-` | any, one after the other as they come | if it wants to | no |
//! | NumPy | `.npy` | any, of as many ticks | yes | no |
//! | NIRData, a grid of ticks | `.h5`, `.hdf5` | any, of as many ticks | yes | yes |
//! | NIRData, events | the same | any, of as many ticks | yes | no: times |
//! | N-MNIST | `.bin` | 1 | by the sensor | no: times |
//! | AEDAT 2.0 of a DVS128 | `.aedat`, `.aedat2` | 1 | by the sensor | no: times |
//!
//! `docs/data.md` has the layout of each. [`Source`] reads and [`Sink`] writes them all. AER text alone is a stream: a sample
//! is there when its last line is, and memory is bounded by the largest sample. Other files are read and written whole, with memory in
//! proportion to the file; what a header claims is held against what follows before anything is made of it. Every error says file
//! and line, byte or sample.
//!
//! Several spikes of a line in a tick are one, as on the array.

mod aedat2;
mod aer;
mod error;
pub mod labels;
mod nir;
mod nmnist;
mod npy;
mod sensor;
mod sink;
mod source;

pub use crate::runner::Spikes;
pub use error::{EventError, Place};
pub use sensor::{Shape, Start};
pub use sink::{Sink, Writing};
pub use source::{Reading, Source};

use std::path::Path;

/// Most ticks of a sample.
pub const MAX_TICKS: usize = 1 << 20;
/// Most lines: what a number of 16 bits can name.
pub const MAX_LINES: usize = 1 << 16;
/// Most bytes of a file that is read whole.
const MAX_BYTES: u64 = 1 << 30;
/// Length of a tick in seconds that is written where nothing says another.
pub const DEFAULT_DT: f64 = 1e-3;
/// In place of a file's name, standard input or output.
pub const STANDARD: &str = "-";

/// How spikes are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text, a line `tick,address` for each spike.
    Aer,
    /// A NumPy array of 0 and 1: (samples, ticks, lines), or (ticks, lines).
    Npy,
    /// NIRData; written as a grid of ticks (TimeGriddedData).
    Nir,
    /// NIRData; written as events with times (EventData).
    NirEvents,
    /// N-MNIST and N-Caltech101: five bytes an event of a sensor.
    Nmnist,
    /// AEDAT 2.0 with addresses of a DVS128.
    Aedat2,
}

impl Format {
    /// The format that a file's name ends in, or that standard input and output have.
    pub fn of(path: &Path) -> Result<Self, EventError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match ending.as_deref() {
            _ if path.as_os_str() == STANDARD => Ok(Self::Aer),
            Some("csv" | "aer" | "txt") => Ok(Self::Aer),
            Some("npy") => Ok(Self::Npy),
            Some("h5" | "hdf5") => Ok(Self::Nir),
            Some("bin") => Ok(Self::Nmnist),
            Some("aedat" | "aedat2") => Ok(Self::Aedat2),
            _ => Err(EventError::Unknown { file: path.display().to_string() }),
        }
    }

    /// Whether it is of a sensor: events of pixels, in microseconds.
    pub const fn is_sensor(self) -> bool {
        matches!(self, Self::Nmnist | Self::Aedat2)
    }

    /// Whether it is NIRData.
    pub const fn is_nir(self) -> bool {
        matches!(self, Self::Nir | Self::NirEvents)
    }
}

/// Samples of spikes on the same lines.
#[derive(Clone, Debug, PartialEq)]
pub struct SpikeSet {
    /// Lines are numbers below this.
    pub lines: usize,
    /// Length of a tick in seconds, where it is known.
    pub dt: Option<f64>,
    pub samples: Vec<Spikes>,
}

impl SpikeSet {
    /// Ticks of the longest sample, at least 1.
    fn ticks(&self) -> usize {
        self.samples.iter().map(Vec::len).max().unwrap_or(0).max(1)
    }
}

/// What addresses and ticks may be.
#[derive(Clone, Copy, Debug)]
struct Limits {
    lines: usize,
    ticks: usize,
}

/// A sample that is being read.
struct Builder {
    limits: Limits,
    ticks: Spikes,
}

impl Builder {
    fn new(limits: Limits) -> Self {
        Self { limits, ticks: vec![] }
    }

    fn is_empty(&self) -> bool {
        self.ticks.is_empty()
    }

    /// Adds a spike, or says which limit it is past.
    fn add(&mut self, tick: u64, address: u64) -> Result<(), String> {
        let Limits { lines, ticks } = self.limits;
        if address >= lines as u64 {
            return Err(format!("address {address}, expected one below {lines}"));
        }
        if tick >= ticks as u64 {
            return Err(format!("tick {tick}, expected one below {ticks}"));
        }
        let tick = tick as usize;
        if tick >= self.ticks.len() {
            self.ticks.resize(tick + 1, vec![]);
        }
        let spikes = &mut self.ticks[tick];
        spikes.push(address as u16);
        // However often somebody repeats a spike, it takes no more memory.
        if spikes.len() > 2 * lines {
            sort(spikes);
        }
        Ok(())
    }

    /// The sample with at least so many ticks, each in ascending order.
    fn finish(mut self, at_least: usize) -> Spikes {
        self.ticks.iter_mut().for_each(sort);
        self.ticks.resize(self.ticks.len().max(at_least), vec![]);
        self.ticks
    }
}

fn sort(spikes: &mut Vec<u16>) {
    spikes.sort_unstable();
    spikes.dedup();
}

#[cfg(test)]
mod tests;
