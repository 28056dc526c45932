//! What became of mutants, by fault.

use crate::explained::reason;
use crate::mutants::{Fault, Mutant};
use crate::sessions::Found;
use crate::{Fate, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Of one fault, or of all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    fault: Option<Fault>,
    mutants: usize,
    killed: usize,
    killed_by_clocks_alone: usize,
    killed_by_proofs_alone: usize,
    survived: usize,
    killed_of_mutants: f64,
    proved_to_be_the_same: usize,
    no_design: usize,
}

impl Row {
    fn new(fault: Option<Fault>, chosen: &[Mutant], fates: &[Fate]) -> Self {
        let mine = chosen.iter().zip(fates).filter(|(mutant, _)| fault.is_none_or(|fault| mutant.fault == fault));
        let mine: Vec<&Fate> = mine.map(|(_, fate)| fate).collect();
        let of = |fate: Fate| mine.iter().filter(|found| ***found == fate).count();
        let [answer, clocks] = [Found::Answer, Found::Clocks].map(|found| of(Fate::Killed(found)));
        let proof = of(Fate::Unproved);
        let row = Self {
            fault,
            mutants: 0,
            killed: answer + clocks + proof,
            killed_by_clocks_alone: clocks,
            killed_by_proofs_alone: proof,
            survived: of(Fate::Survived),
            killed_of_mutants: 0.0,
            proved_to_be_the_same: of(Fate::Same),
            no_design: of(Fate::Stillborn),
        };
        row.added_up()
    }

    /// With these in place of what survived.
    fn after(mut self, again: &Row) -> Self {
        self.killed += again.killed;
        self.killed_by_clocks_alone += again.killed_by_clocks_alone;
        self.killed_by_proofs_alone += again.killed_by_proofs_alone;
        self.survived = again.survived;
        self.proved_to_be_the_same += again.proved_to_be_the_same;
        self.no_design += again.no_design;
        self.added_up()
    }

    fn added_up(mut self) -> Self {
        self.mutants = self.killed + self.survived;
        self.killed_of_mutants = self.killed as f64 / self.mutants.max(1) as f64;
        self
    }
}

/// A row for each fault, and one of all.
pub fn rows(chosen: &[Mutant], fates: &[Fate]) -> Vec<Row> {
    let faults = Fault::ALL.into_iter().map(Some).chain([None]);
    faults.map(|fault| Row::new(fault, chosen, fates)).collect()
}

/// A report of before.
pub struct Before(Value);

impl Before {
    pub fn read(path: &Path) -> Result<Self> {
        Ok(Self(serde_json::from_str(&fs::read_to_string(path)?)?))
    }

    pub fn survivors(&self) -> Result<Vec<Mutant>> {
        Ok(serde_json::from_value(self.0["survivors"].clone())?)
    }

    /// Its rows, with these of its survivors.
    pub fn then(&self, again: &[Row]) -> Result<Vec<Row>> {
        let mut before: Vec<Row> = serde_json::from_value(self.0["faults"].clone())?;
        before.push(serde_json::from_value(self.0["all"].clone())?);
        Ok(before.into_iter().zip(again).map(|(row, again)| row.after(again)).collect())
    }

    pub fn seconds(&self) -> u64 {
        self.0["seconds"].as_u64().unwrap_or_default()
    }
}

/// Mutants that no check saw, with the reason where there is one.
pub fn survivors(chosen: &[Mutant], fates: &[Fate]) -> Vec<Value> {
    let survived = chosen.iter().zip(fates).filter(|(_, fate)| **fate == Fate::Survived);
    let told = survived.map(|(mutant, _)| {
        let mut told = json!(mutant);
        if let Some(reason) = reason(mutant) {
            told["reason"] = reason.into();
        }
        told
    });
    told.collect()
}
