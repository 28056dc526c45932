//! What many executions gave.

use super::execution::{MOST_TO_IMPORT, Outcome, most_to_read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Default, Serialize, Deserialize)]
pub struct Summary {
    pub executions: u64,
    /// How many ended how: in a network, in spikes, or in an error of this kind.
    pub outcomes: BTreeMap<String, u64>,
    pub worst_read: Worst,
    pub worst_import: Worst,
    pub worst_time: Worst,
    pub faults: Vec<String>,
}

/// The execution that took most.
#[derive(Default, Serialize, Deserialize)]
pub struct Worst {
    pub execution: u64,
    /// Of the file in bytes; 0 of a graph that never was one.
    pub size: usize,
    /// Bytes, or microseconds.
    pub took: u64,
}

impl Worst {
    pub fn add(&mut self, execution: u64, size: usize, took: u64) {
        if took > self.took {
            *self = Self { execution, size, took };
        }
    }
}

impl Summary {
    pub fn add(&mut self, execution: u64, outcome: Outcome) {
        self.executions += 1;
        *self.outcomes.entry(outcome.kind).or_default() += 1;
        self.worst_read.add(execution, outcome.size, outcome.read as u64);
        self.worst_import.add(execution, outcome.size, outcome.imported as u64);
        self.worst_time.add(execution, outcome.size, outcome.time.as_micros() as u64);
        self.faults.extend(outcome.fault);
    }

    /// Distinct kinds of errors.
    pub fn errors(&self) -> usize {
        self.outcomes.keys().filter(|kind| !kind.starts_with("understood")).count()
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        writeln!(f, "{} executions, {} kinds of errors, {} faults", self.executions, self.errors(), self.faults.len())?;
        for (kind, count) in &self.outcomes {
            writeln!(f, "  {count:>9}  {kind}")?;
        }
        let Worst { execution, size, took } = self.worst_read;
        writeln!(
            f,
            "most memory to read: {took} bytes for a file of {size} (bound {}), execution {execution}",
            most_to_read(size)
        )?;
        let Worst { execution, took, .. } = self.worst_import;
        writeln!(f, "most memory to import: {took} bytes (bound {MOST_TO_IMPORT}), execution {execution}")?;
        let Worst { execution, size, took } = self.worst_time;
        writeln!(f, "longest: {:.3} s for a file of {size}, execution {execution}", took as f64 / 1e6)?;
        self.faults.iter().try_for_each(|fault| writeln!(f, "FAULT {fault}"))
    }
}
