//! What is left of a run that did not come to its end.

use crate::report::InjectedFaults;
use crate::runner::{Mismatches, Scrubbed};
use crate::session::LinkStatistics;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A run that ended before its samples did, because the board or the way to it was lost or somebody stopped it.
///
/// The JSON has `"complete": false` where that of a [`RunReport`](super::RunReport) has `true`, and neither ledger nor accuracy: they
/// could not be read or would be of other samples than those that were asked for. So no reader takes it for a whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncompleteRun {
    /// [`VERSION`](super::VERSION)
    pub version: u32,
    /// False.
    pub complete: bool,
    /// Why it ended.
    pub ended: String,
    /// Samples that were run and compared to their end.
    pub samples: usize,
    /// Samples that were to be run, where that was known.
    pub samples_asked: Option<usize>,
    /// Of the samples that were run, those whose class was found; absent where classes are not known.
    pub correct: Option<usize>,
    /// Class of each sample that was run, from 0; empty where classes are not known.
    pub classes: Vec<usize>,
    /// Chosen class of each sample that was run, from 0.
    pub decisions: Vec<usize>,
    pub network: String,
    pub data: String,
    pub config: String,
    pub port: String,
    pub build: String,
    pub clock_hz: u32,
    pub coding: String,
    pub dense: bool,
    /// When the run began, in seconds since 1970 (Unix time).
    pub begun: f64,
    /// Wall time in seconds until it ended.
    pub seconds: f64,
    /// Differences from the reference model in the samples that were run; counters were not compared.
    pub mismatches: Mismatches,
    pub link: LinkStatistics,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<InjectedFaults>,
    /// What watching over the board's memory found until then; absent where it was not watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrubbed: Option<Scrubbed>,
}

impl IncompleteRun {
    /// `after 12 of 360 samples`
    pub fn progress(&self) -> String {
        match self.samples_asked {
            Some(asked) => format!("after {} of {asked} samples", self.samples),
            None => format!("after {} samples", self.samples),
        }
    }
}

impl fmt::Display for IncompleteRun {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "INCOMPLETE  ended {}: {}", self.progress(), self.ended)?;
        writeln!(f, "network     {} on `{}`, port {}", self.network, self.config, self.port)?;
        if let Some(correct) = self.correct {
            writeln!(f, "so far      {correct} of {} samples right", self.samples)?;
        }
        write!(f, "{}", super::LinkLines { link: &self.link, faults: self.faults.as_ref() })?;
        if let Some(scrubbed) = &self.scrubbed {
            writeln!(f, "scrub       {scrubbed}")?;
        }
        let membranes = self.mismatches.membranes.map_or("membranes not read".into(), |n| format!("{n} of membranes"));
        write!(f, "mismatches: {} of spikes, {membranes}, counters not compared", self.mismatches.spikes)
    }
}
