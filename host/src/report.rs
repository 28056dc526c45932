//! What a run gave, as text and as JSON.
//!
//! The JSON of `nernst run --json` is a [`RunReport`]; its fields are the schema. Fields may be added; those that are
//! here keep their meaning within one [`VERSION`]. [`RunReport::load`] reads it back.

mod core;
mod incomplete;
mod pace;

pub use self::core::CoreReport;
pub use self::incomplete::IncompleteRun;
pub use self::pace::{LateTick, Pace};

use crate::energy::counters;
use crate::energy::limit::Spent;
use crate::port::{FaultCounts, FaultPlan};
use crate::runner::{Mismatches, Scrubbed};
use crate::session::{LinkStatistics, TrainSummary, ValuesSummary};
use nernst_spec::Ledger;
use nernst_spec::ledger::{ArrayCounter, Class, CoreCounter, Definition, Group};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Version of the JSON.
pub const VERSION: u32 = 3;

/// Why a file is no report of a run.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("cannot read run report {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is no run report: {source}", path.display())]
    Wrong { path: PathBuf, source: serde_json::Error },
    #[error("{} is a run report of version {found}, this program reads version {VERSION}", path.display())]
    Version { path: PathBuf, found: u64 },
    #[error("{} is of a run that ended after {samples} samples and is incomplete: {ended}", path.display())]
    Incomplete { path: PathBuf, samples: u64, ended: String },
    #[error("{} contradicts itself: {what}", path.display())]
    Contradiction { path: PathBuf, what: String },
}

impl ReportError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path; `nernst run --json FILE` writes a report",
            Self::Version { .. } => "run the network again with this program: `nernst run --json FILE`",
            Self::Incomplete { .. } => {
                "it has no ledger, and its samples are not those that were asked for: run the network again"
            }
            Self::Wrong { .. } | Self::Contradiction { .. } => "give a file as `nernst run --json FILE` writes it",
        }
    }
}

/// A run over samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// [`VERSION`]
    pub version: u32,
    /// True: the run came to its end. What is left of another is an [`IncompleteRun`].
    #[serde(default = "complete")]
    pub complete: bool,
    /// Name of the network.
    pub network: String,
    /// Name of the data set.
    pub data: String,
    /// Name of the board's array configuration.
    pub config: String,
    /// Port of the board.
    pub port: String,
    /// Digest that tells builds of the board apart, in hexadecimal.
    pub build: String,
    /// Clock of the array in Hz.
    pub clock_hz: u32,
    /// Name of the code that turned data into spikes; `spikes` where spikes were run as they are.
    pub coding: String,
    /// Ticks of one sample; the mean, rounded down, where samples differ.
    pub ticks_per_sample: usize,
    /// Samples that were run.
    pub samples: usize,
    /// Samples whose class was found; absent where classes are not known, because spikes without labels were run.
    pub correct: Option<usize>,
    /// `correct / samples`
    pub accuracy: Option<f64>,
    /// When the run began, loading not included, in seconds since 1970 (Unix time).
    pub begun: f64,
    /// Wall time of the run in seconds, loading not included.
    pub seconds: f64,
    /// `samples / seconds`
    pub samples_per_second: f64,
    /// Clocks of busy cores for one sample: the mean of the busiest core. The array itself needs at least as long.
    pub busy_clocks_per_sample: f64,
    /// Class of each sample, in order, from 0; empty where classes are not known.
    pub classes: Vec<usize>,
    /// Chosen class of each sample, in order, from 0: with `classes` the confusion counts.
    pub decisions: Vec<usize>,
    /// Input lines of the network.
    pub inputs: usize,
    /// The cores of the array and what the network has in each.
    pub cores: Vec<CoreReport>,
    /// Every row was fetched in every tick, as hardware does it that does not skip zeros.
    pub dense: bool,
    /// What became of the budget, if there was one.
    pub budget: Option<Spent>,
    /// Differences from the reference model.
    pub mismatches: Mismatches,
    /// Bytes and frames on the link, loading included.
    pub link: LinkStatistics,
    /// What the spikes to the board took on the link.
    #[serde(default)]
    pub spikes_in: TrainSummary,
    /// What the spikes from the board took.
    #[serde(default)]
    pub spikes_out: TrainSummary,
    /// Samples that were sent as values, of which the board made the spikes: those are in `spikes_in` no more. Absent where spikes were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values_in: Option<ValuesSummary>,
    /// Faults that were put on the line on purpose; absent where none were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<InjectedFaults>,
    /// The pace of its ticks; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// What watching over the board's memory found; absent where it was not watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrubbed: Option<Scrubbed>,
    pub ledger: LedgerReport,
}

/// Reports that were written before there were incomplete ones do not say it.
fn complete() -> bool {
    true
}

/// Faults that were put on the line on purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InjectedFaults {
    /// What was asked for: see [`FaultPlan`].
    pub plan: String,
    /// What happened.
    pub counts: FaultCounts,
}

impl InjectedFaults {
    pub fn new(plan: &FaultPlan, counts: FaultCounts) -> Self {
        Self { plan: plan.to_string(), counts }
    }
}

/// What went over the link, as lines.
struct LinkLines<'a> {
    link: &'a LinkStatistics,
    faults: Option<&'a InjectedFaults>,
}

impl fmt::Display for LinkLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let link = self.link;
        writeln!(
            f,
            "link        {} bytes out, {} in, {} frames sent again",
            link.bytes_out, link.bytes_in, link.frames_resent
        )?;
        let Some(faults) = self.faults else { return Ok(()) };
        writeln!(
            f,
            "faults      {} injected; {} frames refused here, replies asked for again {} times",
            faults.counts, link.frames_refused, link.resends_asked
        )
    }
}

impl RunReport {
    /// What was run where, and whether it was dense: for titles.
    pub fn title(&self) -> String {
        format!("{} on {}{}", self.network, self.config, if self.dense { ", dense" } else { "" })
    }

    /// The accuracy in words.
    pub fn verdict(&self) -> String {
        match self.accuracy.zip(self.correct) {
            Some((accuracy, correct)) => format!("{:.2} % ({correct} of {})", 100.0 * accuracy, self.samples),
            None => {
                let plural = if self.samples == 1 { "" } else { "s" };
                format!("not known: {} sample{plural} without labels", self.samples)
            }
        }
    }

    /// From a file as `nernst run --json FILE` writes it. A report of another version is refused by name.
    pub fn load(path: &Path) -> Result<Self, ReportError> {
        let text = std::fs::read_to_string(path).map_err(|source| ReportError::Read { path: path.into(), source })?;
        Self::parse(&text, path)
    }

    /// From JSON; `path` is where it came from, for errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ReportError> {
        /// All that is read of a report before its version is known.
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
            #[serde(default = "complete")]
            complete: bool,
            #[serde(default)]
            samples: u64,
            #[serde(default)]
            ended: String,
        }
        let wrong = |source| ReportError::Wrong { path: path.into(), source };
        let versioned: Versioned = serde_json::from_str(text).map_err(wrong)?;
        let (found, samples, ended) = (versioned.version, versioned.samples, versioned.ended);
        if found != VERSION as u64 {
            return Err(ReportError::Version { path: path.into(), found });
        }
        if !versioned.complete {
            return Err(ReportError::Incomplete { path: path.into(), samples, ended });
        }
        let report: Self = serde_json::from_str(text).map_err(wrong)?;
        report.check().map_err(|what| ReportError::Contradiction { path: path.into(), what })?;
        Ok(report)
    }

    fn check(&self) -> Result<(), String> {
        let (classes, decisions) = (self.classes.len(), self.decisions.len());
        let labelled = self.accuracy.is_some() && self.correct.is_some();
        if classes != if labelled { self.samples } else { 0 } || decisions != self.samples {
            return Err(format!("{} samples, {classes} classes and {decisions} decisions", self.samples));
        }
        if self.samples == 0 {
            return Err("a run of no samples".into());
        }
        let (cores, counted) = (self.cores.len(), self.ledger.cores.len());
        if cores != counted {
            return Err(format!("{cores} cores, and counters of {counted}"));
        }
        self.ledger.check()
    }
}

/// A ledger with names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    /// Counters of the array and its link.
    pub array: BTreeMap<String, u64>,
    /// Counters of cores, summed over the cores.
    pub cores_total: BTreeMap<String, u64>,
    /// Counters of each core.
    pub cores: Vec<BTreeMap<String, u64>>,
}

impl LedgerReport {
    /// A counter of the array, or one of the cores summed over them; `None` where the report does not have it.
    pub fn total(&self, counter: &str) -> Option<u64> {
        self.array.get(counter).or_else(|| self.cores_total.get(counter)).copied()
    }

    /// Its counters that are a function of image and input alone ([`Class::Activity`]), without those that depend on
    /// when bytes arrived on the link and without those that this program does not know.
    pub fn activity(&self) -> Self {
        let keep = |map: &BTreeMap<String, u64>| {
            let activity = |name: &str| counters::find(name).is_some_and(|c| c.definition.class == Class::Activity);
            map.iter().filter(|(name, _)| activity(name)).map(|(name, &count)| (name.clone(), count)).collect()
        };
        Self {
            array: keep(&self.array),
            cores_total: keep(&self.cores_total),
            cores: self.cores.iter().map(keep).collect(),
        }
    }

    /// What contradicts itself in it: totals over cores that are no sums.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (name, total) in &self.cores_total {
            let sum: u128 = self.cores.iter().filter_map(|core| core.get(name)).map(|&v| v as u128).sum();
            if sum != *total as u128 {
                return Err(format!("counter {name} is {total} in total, and {sum} summed over the cores"));
            }
        }
        let alone = |name: &&String| !self.cores_total.contains_key(*name);
        match self.cores.iter().flat_map(BTreeMap::keys).find(alone) {
            Some(name) => Err(format!("counter {name} of a core has no total over the cores")),
            None => Ok(()),
        }
    }
}

impl From<&Ledger> for LedgerReport {
    fn from(ledger: &Ledger) -> Self {
        let of_core = |core| CoreCounter::ALL.iter().map(move |&c| (c.name().into(), ledger.core(core, c))).collect();
        Self {
            array: ArrayCounter::ALL.iter().map(|&counter| (counter.name().into(), ledger.array(counter))).collect(),
            cores_total: CoreCounter::ALL.iter().map(|&c| (c.name().into(), ledger.total(c))).collect(),
            cores: (0..ledger.cores()).map(of_core).collect(),
        }
    }
}

/// A ledger as a table: every counter with its total and its mean for one of `per` samples, by groups.
pub struct LedgerTable<'a> {
    pub ledger: &'a Ledger,
    /// Samples to divide by; 0 leaves the column out.
    pub per: usize,
}

impl fmt::Display for LedgerTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let array = ArrayCounter::ALL.iter().map(|&c| (c.definition(), self.ledger.array(c), None));
        let cores =
            CoreCounter::ALL.iter().map(|&c| (c.definition(), self.ledger.total(c), Some(self.ledger.maximum(c))));
        let rows: Vec<(Definition, u64, Option<u64>)> = array.chain(cores).collect();
        let per = if self.per > 0 { "per sample" } else { "" };
        let head = format!("{:<24}{:>18}{:>18}{per:>16}", "ledger", "total", "busiest core");
        f.write_str(head.trim_end())?;
        for (group, name) in
            [(Group::Communication, "communication"), (Group::Computation, "computation"), (Group::Time, "time")]
        {
            write!(f, "\n{name}")?;
            for (definition, total, most) in rows.iter().filter(|(definition, ..)| definition.group == group) {
                let most = most.map(|most| most.to_string()).unwrap_or_default();
                let mean = if self.per > 0 { format!("{:.1}", *total as f64 / self.per as f64) } else { String::new() };
                let row = format!("  {:<22}{total:>18}{most:>18}{mean:>16}", definition.name);
                write!(f, "\n{}", row.trim_end())?;
            }
        }
        Ok(())
    }
}

/// The report without its ledger, as lines.
impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let counter = |map: &BTreeMap<String, u64>, name| map.get(name).copied().unwrap_or(0);
        let dense = if self.dense { ", dense" } else { "" };
        writeln!(f, "network     {} on `{}`{dense}, port {}", self.network, self.config, self.port)?;
        writeln!(f, "data        {}, code {}, {} ticks a sample", self.data, self.coding, self.ticks_per_sample)?;
        writeln!(f, "accuracy    {}", self.verdict())?;
        writeln!(f, "speed       {:.1} samples/s through this port ({:.2} s)", self.samples_per_second, self.seconds)?;
        writeln!(
            f,
            "array       {:.0} clocks a sample in its busiest core: {:.1} us at {} MHz",
            self.busy_clocks_per_sample,
            1e6 * self.busy_clocks_per_sample / self.clock_hz as f64,
            self.clock_hz as f64 / 1e6
        )?;
        writeln!(
            f,
            "spikes      {} in, {} of neurons, {} out",
            counter(&self.ledger.array, ArrayCounter::HostSpikesIn.name()),
            counter(&self.ledger.cores_total, CoreCounter::Spikes.name()),
            counter(&self.ledger.array, ArrayCounter::HostSpikesOut.name())
        )?;
        write!(f, "{}", LinkLines { link: &self.link, faults: self.faults.as_ref() })?;
        for (direction, train) in [("in", &self.spikes_in), ("out", &self.spikes_out)] {
            if let Some((bits, ratio)) = train.bits_per_spike.zip(train.over_entropy()) {
                writeln!(
                    f,
                    "{:11} {bits:.2} bits a spike, {ratio:.2} times the entropy of the train",
                    format!("code {direction}")
                )?;
            }
        }
        if let Some(values) = &self.values_in {
            writeln!(f, "values in   {values}")?;
        }
        if let Some(budget) = &self.budget {
            writeln!(f, "{budget}")?;
        }
        if let Some(pace) = &self.pace {
            let ticks = counter(&self.ledger.array, ArrayCounter::Ticks.name());
            writeln!(f, "pace        {}", pace.in_words(ticks))?;
        }
        if let Some(scrubbed) = &self.scrubbed {
            writeln!(f, "scrub       {scrubbed}")?;
        }
        let membranes = match self.mismatches.membranes {
            Some(count) => format!("{count} of membranes"),
            None => "membranes not read".into(),
        };
        write!(
            f,
            "mismatches: {} ({} of spikes, {} of counters, {membranes})",
            self.mismatches.total(),
            self.mismatches.spikes,
            self.mismatches.counters
        )
    }
}
