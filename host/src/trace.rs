//! What happened in one sample, tick by tick: written by `nernst run --trace`, read by `nernst plot`.

use crate::report::LedgerReport;
use nernst_spec::CoreConfig;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Version of the trace file.
pub const VERSION: u32 = 2;

/// Why a file is no trace.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error("cannot read trace {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is not a trace: {source}", path.display())]
    Wrong { path: PathBuf, source: serde_json::Error },
    #[error("{} is a trace of version {found}, expected {VERSION}", path.display())]
    Version { path: PathBuf, found: u64 },
    #[error("{} contradicts itself: {what}", path.display())]
    Contradiction { path: PathBuf, what: String },
}

impl TraceError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path; `nernst run --trace FILE` writes a trace",
            Self::Version { .. } => "write the trace again with this version of Nernst",
            Self::Wrong { .. } | Self::Contradiction { .. } => "give a file as `nernst run --trace FILE` writes it",
        }
    }
}

/// One sample of a run, as a JSON file.
///
/// Spikes and membranes come from the reference model; `output_spikes` and `ledger` come from the board. A run that ends without a
/// mismatch has shown that both agree wherever both are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// [`VERSION`]
    pub version: u32,
    /// Name of the network.
    pub network: String,
    /// Name of the array configuration.
    pub config: String,
    /// Number of the sample among those that were run: in the test part of its data set, or in the spikes that were read.
    pub sample: usize,
    /// Its class, where it is known.
    pub label: Option<usize>,
    /// The class that the network chose.
    pub decision: usize,
    /// Clock of the array in Hz: turns clocks into seconds.
    pub clock_hz: u32,
    /// Shape of each core: array numbers of neurons count core after core.
    pub cores: Vec<CoreConfig>,
    /// Input lines of the network: input spikes lie in `0..inputs`.
    pub inputs: usize,
    /// Array numbers of the output neurons, one for each class.
    pub outputs: Vec<u16>,
    /// Array numbers of the neurons whose membranes were recorded.
    pub recorded: Vec<u16>,
    /// Threshold of each recorded neuron.
    pub thresholds: Vec<u32>,
    /// One entry for each tick.
    pub ticks: Vec<TraceTick>,
}

/// One tick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TraceTick {
    /// Input lines that the host put a spike on, ascending.
    pub input_spikes: Vec<u16>,
    /// Array numbers of all neurons that fired, ascending.
    pub spikes: Vec<u16>,
    /// Array numbers of the neurons that fired and whose spikes were sent to the host, ascending.
    pub output_spikes: Vec<u16>,
    /// Membrane of each of [`Trace::recorded`] at the end of the tick.
    pub membranes: Vec<i32>,
    /// By how much each counter rose in this tick, in the array and in every core. The host reads the ledger after each
    /// tick, so counters that depend on when bytes arrive on the link hold that, too.
    pub ledger: LedgerReport,
}

impl Trace {
    /// From a file as `nernst run --trace FILE` writes it. A trace of another version is refused by name.
    pub fn load(path: &Path) -> Result<Self, TraceError> {
        let text = std::fs::read_to_string(path).map_err(|source| TraceError::Read { path: path.into(), source })?;
        Self::parse(&text, path)
    }

    /// From JSON; `path` is where it came from, for errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TraceError> {
        /// All that is read of a trace before its version is known.
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
        }
        let wrong = |source| TraceError::Wrong { path: path.into(), source };
        let found = serde_json::from_str::<Versioned>(text).map_err(wrong)?.version;
        if found != VERSION as u64 {
            return Err(TraceError::Version { path: path.into(), found });
        }
        let trace: Self = serde_json::from_str(text).map_err(wrong)?;
        trace.check().map_err(|what| TraceError::Contradiction { path: path.into(), what })?;
        Ok(trace)
    }

    /// What the network made of the sample, in words.
    pub fn verdict(&self) -> String {
        let Some(class) = self.label else { return format!("network says {}", self.decision) };
        let verdict = if class == self.decision { "right" } else { "wrong" };
        format!("class {class}, network says {} ({verdict})", self.decision)
    }

    fn check(&self) -> Result<(), String> {
        for (number, tick) in self.ticks.iter().enumerate() {
            let (cores, counted) = (self.cores.len(), tick.ledger.cores.len());
            if cores != counted {
                return Err(format!("{cores} cores, and counters of {counted} in tick {number}"));
            }
            tick.ledger.check().map_err(|what| format!("in tick {number} {what}"))?;
        }
        Ok(())
    }
}
