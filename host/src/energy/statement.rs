//! Everything that there is to say about what a run cost: the bills, and what follows from them.

mod table;
mod text;

pub use table::csv;
pub use text::{Text, Unit};

use super::bill::{Bill, BillError};
use super::crossover::{self, Activity, Crossover};
use super::information::Information;
use super::prices::{Grade, PriceTable};
use super::range::{Range, RangeError};
use super::ratio::{self, Ratio};
use super::units::{Amounts, Conditions, landauer};
use crate::report::RunReport;
use crate::session::ValuesSummary;
use serde::Serialize;

/// Version of the JSON of a [`Statement`].
pub const VERSION: u32 = 1;

/// Why there is no statement.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum StatementError {
    #[error(transparent)]
    Bill(#[from] BillError),
    #[error(transparent)]
    Range(#[from] RangeError),
}

impl StatementError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Bill(error) => error.help(),
            Self::Range(error) => error.help(),
        }
    }
}

/// A bill's total in every unit, and what else follows from its joules.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Name of the price table.
    pub prices: String,
    /// Of every figure here: the lowest of the bill.
    pub grade: Grade,
    /// Of the whole run.
    pub run: Amounts,
    /// Of a sample.
    pub sample: Amounts,
    /// Communication against computation, in joule; `None` where the table does not price both.
    pub joules: Option<Ratio>,
    /// Bits about the class for each joule, corrected; `None` for 0 J.
    pub bits_per_joule: Option<f64>,
    /// Joule for a bit about the class, over kT ln 2; `None` without bits.
    pub times_landauer: Option<f64>,
}

/// What a run cost. Its JSON is that of `nernst ledger --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statement {
    /// [`VERSION`]
    pub version: u32,
    /// Name of the network.
    pub network: String,
    /// Name of the array configuration.
    pub config: String,
    /// Port of the board. Counters of time are those of a simulation where the port is one.
    pub port: String,
    /// Name of the data set.
    pub data: String,
    pub samples: usize,
    /// What samples took that were sent as values; absent where spikes were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values_in: Option<ValuesSummary>,
    pub conditions: Conditions,
    /// One for each price table.
    pub bills: Vec<Bill>,
    /// One for each bill.
    pub figures: Vec<Figures>,
    /// Over all bills; `None` for one.
    pub range: Option<Range>,
    /// Communication against computation, in events; `None` where the run lacks a counter.
    pub events: Option<Ratio>,
    /// Communication against computation, in bits moved within the array.
    pub bits_on_array: Ratio,
    /// The same with the link to the host.
    pub bits_with_link: Ratio,
    /// The cortex's communication over computation, in joule: [`ratio::CORTEX`].
    pub cortex: f64,
    pub information: Option<Information>,
    pub activity: Option<Activity>,
    pub crossovers: Vec<Crossover>,
}

impl Statement {
    /// Bills a run by each of these tables.
    pub fn new(run: &RunReport, tables: &[PriceTable], conditions: Conditions) -> Result<Self, StatementError> {
        let bills = tables.iter().map(|table| Bill::new(run, table)).collect::<Result<Vec<_>, _>>()?;
        // A single bill has no range, but none at all is an error.
        let range = Some(Range::new(&bills)?).filter(|_| bills.len() > 1);
        let information = Information::new(&run.classes, &run.decisions);
        let activity = Activity::of(run);
        Ok(Self {
            version: VERSION,
            network: run.network.clone(),
            config: run.config.clone(),
            port: run.port.clone(),
            data: run.data.clone(),
            samples: run.samples,
            values_in: run.values_in,
            conditions,
            figures: bills.iter().map(|bill| figures(bill, information.as_ref(), &conditions)).collect(),
            bills,
            range,
            events: ratio::events(run),
            bits_on_array: ratio::bits_moved(run, false),
            bits_with_link: ratio::bits_moved(run, true),
            cortex: ratio::CORTEX,
            information,
            crossovers: activity.as_ref().map(crossover::all).unwrap_or_default(),
            activity,
        })
    }
}

fn figures(bill: &Bill, information: Option<&Information>, conditions: &Conditions) -> Figures {
    let joules = bill.total.joules;
    let bits_per_joule = information.and_then(|information| information.per_joule(joules));
    Figures {
        prices: bill.prices.clone(),
        grade: bill.total.grade,
        run: conditions.amounts(joules),
        sample: conditions.amounts(joules / bill.samples.max(1) as f64),
        joules: ratio::joules(bill),
        bits_per_joule,
        times_landauer: bits_per_joule.filter(|&b| b > 0.0).map(|b| 1.0 / b / landauer(conditions.temperature_kelvin)),
    }
}
