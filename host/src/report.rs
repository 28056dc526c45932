//! What a run gave, as text and as JSON.
//!
//! The JSON of `nernst run --json` is a [`RunReport`]; its fields are the schema. Fields may be added; those that are here keep
//! their meaning within one [`VERSION`].

use crate::runner::Mismatches;
use crate::session::LinkStatistics;
use nernst_spec::Ledger;
use nernst_spec::ledger::{ArrayCounter, CoreCounter, Definition, Group};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Version of the JSON.
pub const VERSION: u32 = 1;

/// A run over samples.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// [`VERSION`]
    pub version: u32,
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
    /// Name of the code that turned data into spikes.
    pub coding: String,
    /// Ticks of one sample.
    pub ticks_per_sample: usize,
    /// Samples that were run.
    pub samples: usize,
    /// Samples whose class was found.
    pub correct: usize,
    /// `correct / samples`
    pub accuracy: f64,
    /// Wall time of the run in seconds, loading not included.
    pub seconds: f64,
    /// `samples / seconds`
    pub samples_per_second: f64,
    /// Clocks of busy cores for one sample: the mean of the busiest core. The array itself needs at least as long.
    pub busy_clocks_per_sample: f64,
    /// Chosen class of each sample, in order.
    pub decisions: Vec<usize>,
    /// Differences from the reference model.
    pub mismatches: Mismatches,
    /// Bytes and frames on the link, loading included.
    pub link: LinkStatistics,
    pub ledger: LedgerReport,
}

/// A ledger with names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerReport {
    /// Counters of the array and its link.
    pub array: BTreeMap<&'static str, u64>,
    /// Counters of cores, summed over the cores.
    pub cores_total: BTreeMap<&'static str, u64>,
    /// Counters of each core.
    pub cores: Vec<BTreeMap<&'static str, u64>>,
}

impl From<&Ledger> for LedgerReport {
    fn from(ledger: &Ledger) -> Self {
        let of_core = |core| CoreCounter::ALL.iter().map(move |&c| (c.name(), ledger.core(core, c))).collect();
        Self {
            array: ArrayCounter::ALL.iter().map(|&counter| (counter.name(), ledger.array(counter))).collect(),
            cores_total: CoreCounter::ALL.iter().map(|&counter| (counter.name(), ledger.total(counter))).collect(),
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
        let counter = |map: &BTreeMap<&'static str, u64>, name| map.get(name).copied().unwrap_or(0);
        writeln!(f, "network     {} on `{}`, port {}", self.network, self.config, self.port)?;
        writeln!(f, "data        {}, code {}, {} ticks a sample", self.data, self.coding, self.ticks_per_sample)?;
        writeln!(f, "accuracy    {:.2} % ({} of {})", 100.0 * self.accuracy, self.correct, self.samples)?;
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
        writeln!(
            f,
            "link        {} bytes out, {} in, {} frames sent again",
            self.link.bytes_out, self.link.bytes_in, self.link.frames_resent
        )?;
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
