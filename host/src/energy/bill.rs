//! The bill of a run: its ledger times a price table.

use super::counters::{self, Place};
use super::prices::{Grade, PriceTable, Scope};
use super::{bits, counters::group_name};
use crate::report::{LedgerReport, RunReport};
use nernst_spec::CoreConfig;
use nernst_spec::ledger::CoreCounter;
use serde::Serialize;
use std::collections::BTreeMap;

/// Joules and how good they are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// In joule.
    pub joules: f64,
    /// Standard error in joule, where every part has one. Errors of a sum add up as they are: prices of one fit are
    /// correlated, so this is an upper bound.
    pub standard_error: Option<f64>,
    /// The lowest of the parts' grades.
    pub grade: Grade,
}

impl Estimate {
    /// The sum; `None` of nothing, because a sum without a price is not 0 J.
    pub fn sum(parts: impl IntoIterator<Item = Estimate>) -> Option<Estimate> {
        parts.into_iter().reduce(|a, b| Estimate {
            joules: a.joules + b.joules,
            standard_error: a.standard_error.zip(b.standard_error).map(|(a, b)| a + b),
            grade: a.grade.min(b.grade),
        })
    }
}

/// What a counter cost in one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// `array` or `core 3`.
    pub place: String,
    /// Events, exact.
    pub count: u64,
    /// In joule.
    pub joules: f64,
}

/// What a counter cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Name of the counter.
    pub counter: String,
    /// Name of its group.
    pub group: String,
    /// Events, exact.
    pub count: u64,
    #[serde(flatten)]
    pub estimate: Estimate,
    /// By core; one for a counter of the array.
    pub shares: Vec<Share>,
    /// Where the price comes from.
    pub source: String,
    /// What else must be known of the price.
    pub note: Option<String>,
}

/// A name and what goes by it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// A group (`communication`) or a place (`core 3`).
    pub name: String,
    /// `None` where nothing of it is priced.
    pub estimate: Option<Estimate>,
}

/// A counter without a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unpriced {
    pub counter: String,
    pub group: String,
    pub count: u64,
}

/// A run's ledger, priced.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bill {
    /// Name of the price table.
    pub prices: String,
    /// Title of the price table.
    pub title: String,
    /// The device that the prices are of, where it is not this array.
    pub device: Option<String>,
    pub scope: Scope,
    /// How the prices were found, if by a fit.
    pub fit: Option<toml::Table>,
    /// Samples of the run.
    pub samples: usize,
    /// Of all priced counters.
    pub total: Estimate,
    /// By group of counters.
    pub groups: Vec<Part>,
    /// By place: the array with its link, and each core.
    pub places: Vec<Part>,
    /// By counter, in the order of the ledger.
    pub lines: Vec<Line>,
    /// Counters of the run that the table has no price for, those that are 0 left out.
    pub unpriced: Vec<Unpriced>,
    /// Places whose additions have no price, because the table prices those of weights other than 0, which were not counted there.
    pub uncounted: Vec<String>,
}

/// Why a run cannot be billed by a table.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum BillError {
    #[error("price table `{table}` prices no counter that the run has: {priced}")]
    Nothing { table: String, priced: String },
    #[error("price table `{table}` prices {counter} by bits moved, and none are defined for it")]
    NoBits { table: String, counter: String },
}

impl BillError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Nothing { .. } => "run the network again with this version, or choose another table with --prices",
            Self::NoBits { .. } => "give the price for an event: leave `per_bit` out",
        }
    }
}

impl Bill {
    /// Prices every counter of a run that the table has a price for.
    pub fn new(run: &RunReport, table: &PriceTable) -> Result<Self, BillError> {
        let shapes: Vec<CoreConfig> = run.cores.iter().map(|core| core.shape).collect();
        Self::of(&run.ledger, &shapes, run.samples, table)
    }

    /// The same of any ledger: counted in so many samples by an array with cores of these shapes. Counters of cores
    /// beyond the shapes are left out.
    pub fn of(
        ledger: &LedgerReport,
        shapes: &[CoreConfig],
        samples: usize,
        table: &PriceTable,
    ) -> Result<Self, BillError> {
        let mut lines = vec![];
        let mut unpriced = vec![];
        let mut seen = vec![];
        for counter in counters::all() {
            let name = counter.definition.name;
            let group = group_name(counter.definition.group);
            seen.push(name);
            let places = places(ledger, shapes.len(), name, counter.place);
            if places.is_empty() {
                continue;
            }
            let count = places.iter().map(|(_, count)| count).sum();
            let Some(price) = table.price(name) else {
                if count > 0 {
                    unpriced.push(Unpriced { counter: name.into(), group, count });
                }
                continue;
            };
            let no_bits = || BillError::NoBits { table: table.name.clone(), counter: name.into() };
            let mut shares = vec![];
            // Bits moved, or events: what the price is for.
            let mut units = 0.0;
            for (core, count) in places {
                let bits = match (price.per_bit, core) {
                    (false, _) => 1,
                    (true, None) => bits::of_array(name, shapes).ok_or_else(no_bits)?,
                    (true, Some(core)) => bits::of_core(name, &shapes[core], shapes).ok_or_else(no_bits)?,
                };
                let amount = count as f64 * bits as f64;
                units += amount;
                shares.push(Share { place: place_name(core), count, joules: amount * price.joules });
            }
            let standard_error = price.standard_error.map(|error| error * units);
            let estimate = Estimate { joules: units * price.joules, standard_error, grade: price.grade };
            let (source, note) = (price.source.clone(), price.note.clone());
            lines.push(Line { counter: name.into(), group, count, estimate, shares, source, note });
        }
        unpriced.extend(unknown(ledger, &seen));
        let total = Estimate::sum(lines.iter().map(|line| line.estimate)).ok_or_else(|| BillError::Nothing {
            table: table.name.clone(),
            priced: table.prices.iter().map(|price| price.counter.as_str()).collect::<Vec<_>>().join(", "),
        })?;
        Ok(Self {
            prices: table.name.clone(),
            title: table.title.clone(),
            device: table.device.clone(),
            scope: table.scope(),
            fit: table.fit.clone(),
            samples,
            total,
            groups: groups(&lines),
            places: place_parts(&lines, shapes.len()),
            lines,
            unpriced,
            uncounted: uncounted(ledger, shapes.len(), table),
        })
    }

    /// A grade in words: `measured, TrueNorth` where it is evidence of another device.
    pub fn evidence(&self, grade: Grade) -> String {
        match &self.device {
            Some(device) => format!("{grade}, {device}"),
            None => grade.to_string(),
        }
    }

    /// A group's joules; `None` where nothing of it is priced.
    pub fn group(&self, name: &str) -> Option<Estimate> {
        self.groups.iter().find(|part| part.name == name)?.estimate
    }
}

/// The values of a counter: of the array, or of each core by its number. None where the run does not have the counter.
fn places(ledger: &LedgerReport, cores: usize, counter: &str, place: Place) -> Vec<(Option<usize>, u64)> {
    match place {
        Place::Array => ledger.array.get(counter).map(|&count| (None, count)).into_iter().collect(),
        Place::Core => {
            let cores = ledger.cores.iter().take(cores).enumerate();
            cores.filter_map(|(core, of)| of.get(counter).map(|&count| (Some(core), count))).collect()
        }
    }
}

/// Cores that added weights and counted none other than 0, where only these have a price.
fn uncounted(ledger: &LedgerReport, cores: usize, table: &PriceTable) -> Vec<String> {
    let (all, nonzero) = (CoreCounter::SynapticOperations.name(), CoreCounter::NonzeroOperations.name());
    if table.price(all).is_some() || table.price(nonzero).is_none() {
        return vec![];
    }
    let of = |core: &BTreeMap<String, u64>, counter| core.get(counter).copied().unwrap_or_default();
    let cores = ledger.cores.iter().take(cores).enumerate();
    let uncounted = cores.filter(|(_, core)| of(core, all) > 0 && of(core, nonzero) == 0);
    uncounted.map(|(core, _)| place_name(Some(core))).collect()
}

fn place_name(core: Option<usize>) -> String {
    core.map_or("array".into(), |core| format!("core {core}"))
}

/// Counters of the run that this program does not know.
fn unknown<'a>(ledger: &'a LedgerReport, known: &'a [&str]) -> impl Iterator<Item = Unpriced> + 'a {
    let all = ledger.array.iter().chain(&ledger.cores_total);
    let others = all.filter(|(name, count)| !known.contains(&name.as_str()) && **count > 0);
    others.map(|(name, &count)| Unpriced { counter: name.clone(), group: "unknown".into(), count })
}

fn groups(lines: &[Line]) -> Vec<Part> {
    let part = |name: String| {
        let estimate = Estimate::sum(lines.iter().filter(|line| line.group == name).map(|line| line.estimate));
        Part { name, estimate }
    };
    counters::groups().into_iter().map(part).collect()
}

fn place_parts(lines: &[Line], cores: usize) -> Vec<Part> {
    let part = |core| {
        let name = place_name(core);
        let of_line = |line: &Line| {
            let share = line.shares.iter().find(|share| share.place == name)?;
            // Of one price all shares have the same relative error.
            let part = if line.estimate.joules > 0.0 { share.joules / line.estimate.joules } else { 0.0 };
            let standard_error = line.estimate.standard_error.map(|error| error * part);
            Some(Estimate { joules: share.joules, standard_error, grade: line.estimate.grade })
        };
        let estimate = Estimate::sum(lines.iter().filter_map(of_line));
        Part { name, estimate }
    };
    std::iter::once(None).chain((0..cores).map(Some)).map(part).collect()
}
