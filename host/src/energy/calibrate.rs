//! Prices from measured power: what a meter at a board saw, fitted to what the ledger counted meanwhile.
//!
//! A [`meter`] gives watts over time, [`workloads`] say which run was on the board from when to when. The energy of
//! each, `E = P_idle * duration + sum of price * count`, is fitted by [least squares](fit). What comes out is a [price
//! table](PriceTable) of grade *measured*, with standard errors. How to measure is in `docs/measuring-power.md`.

pub mod fit;
pub mod meter;
pub mod workloads;

use super::counters;
use super::prices::{Grade, Price, PriceTable, Scope};
use fit::{Fit, FitError, Problem};
use meter::{Meter, MeterError};
use serde::Serialize;
use std::collections::BTreeMap;
use workloads::{Workload, WorkloadError};

/// Counters that are fitted when nothing says others: one for each kind of work that networks can be made to differ in.
pub const DEFAULT_COUNTERS: [&str; 3] = ["synaptic_operations", "neuron_updates", "bus_transfers"];
/// The counter that takes the power of a board that does nothing: it counts time.
const TIME: &str = "clocks";

/// Why there are no prices.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    #[error(transparent)]
    Meter(#[from] MeterError),
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    #[error(transparent)]
    Fit(#[from] FitError),
    #[error("unknown counter `{0}`")]
    Counter(String),
    #[error("counter `{TIME}` cannot be asked for: it has the power of the idle board, which is always fitted")]
    Time,
    #[error("counter `{0}` is asked for twice")]
    Twice(String),
    #[error("the run of workload {number} does not have counter {counter}")]
    Missing { number: usize, counter: String },
    #[error("workload {number} ran at {found} Hz, workload 1 at {first} Hz")]
    Clock { number: usize, found: u32, first: u32 },
    #[error("the price of {counter} comes out negative: {joules:.3e} J, {low:.3e} to {high:.3e} J")]
    Negative { counter: String, joules: f64, low: f64, high: f64 },
}

impl CalibrateError {
    /// What a user can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Meter(error) => error.help().into(),
            Self::Workload(error) => error.help().into(),
            Self::Fit(error) => error.help().into(),
            Self::Counter(_) => format!("counters: {}", counters::names()),
            Self::Time => "leave it out of --counters".into(),
            Self::Twice(_) => "name it once in --counters".into(),
            Self::Missing { .. } => "run it again with this version, or choose other --counters".into(),
            Self::Clock { .. } => "calibrate each clock of the array by itself: idle power depends on it".into(),
            Self::Negative { .. } => {
                "leave it out of --counters, or measure longer, and workloads with much more of it".into()
            }
        }
    }
}

/// How to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Name of the price table.
    pub name: String,
    /// What was measured: board, meter, place of the meter.
    pub title: String,
    /// Counters to price; idle power is always fitted, too.
    pub counters: Vec<String>,
    /// Probability that a price's interval holds the true one, in (0, 1).
    pub confidence: f64,
    /// Whether each workload weighs by the inverse of its duration: right for a meter whose noise is the same at every
    /// reading, because the variance of an energy then grows with time.
    pub weighted: bool,
}

/// A fitted price.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// `idle` for the power of the idle board, or the name of a counter.
    pub name: String,
    /// In joule an event; in watt for `idle`.
    pub value: f64,
    pub standard_error: f64,
    /// Ends of the confidence interval.
    pub low: f64,
    pub high: f64,
}

/// What a calibration gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// `idle` first, then the counters asked for.
    pub terms: Vec<Term>,
    /// Workloads fitted.
    pub workloads: usize,
    /// Workloads less terms.
    pub degrees_of_freedom: usize,
    /// Root mean square of what the fit leaves, over that of the energies.
    pub relative_residual: f64,
    pub r_squared: f64,
    /// Confidence of the intervals.
    pub confidence: f64,
    pub table: PriceTable,
}

/// Fits prices to what a meter saw during workloads.
pub fn calibrate(meter: &Meter, workloads: &[Workload], options: &Options) -> Result<Calibration, CalibrateError> {
    check_counters(&options.counters)?;
    let mut problem = Problem::new(std::iter::once("idle".to_string()).chain(options.counters.clone()).collect());
    let clock_hz = workloads.first().map_or(0, |workload| workload.run.clock_hz);
    for (index, workload) in workloads.iter().enumerate() {
        let number = index + 1;
        if workload.run.clock_hz != clock_hz {
            return Err(CalibrateError::Clock { number, found: workload.run.clock_hz, first: clock_hz });
        }
        let energy = meter.energy(workload.start, workload.end)?;
        let duration = workload.end - workload.start;
        let mut row = vec![duration];
        for counter in &options.counters {
            let count = workload.run.ledger.total(counter);
            row.push(count.ok_or_else(|| CalibrateError::Missing { number, counter: counter.clone() })? as f64);
        }
        problem.add(row, energy, if options.weighted { 1.0 / duration } else { 1.0 });
    }
    let fit = problem.solve(options.confidence)?;
    let terms: Vec<Term> = std::iter::once("idle")
        .chain(options.counters.iter().map(String::as_str))
        .zip(&fit.estimates)
        .map(|(name, estimate)| Term {
            name: name.into(),
            value: estimate.value,
            standard_error: estimate.standard_error,
            low: estimate.value - estimate.half_width,
            high: estimate.value + estimate.half_width,
        })
        .collect();
    if let Some(term) = terms.iter().find(|term| term.value < 0.0) {
        let counter = if term.name == "idle" { TIME.into() } else { term.name.clone() };
        return Err(CalibrateError::Negative { counter, joules: term.value, low: term.low, high: term.high });
    }
    let table = table(&terms, &fit, clock_hz, options);
    Ok(Calibration {
        terms,
        workloads: workloads.len(),
        degrees_of_freedom: fit.degrees_of_freedom,
        relative_residual: fit.relative_residual,
        r_squared: fit.r_squared,
        confidence: options.confidence,
        table,
    })
}

fn check_counters(names: &[String]) -> Result<(), CalibrateError> {
    for (index, name) in names.iter().enumerate() {
        if name == TIME {
            return Err(CalibrateError::Time);
        }
        if counters::find(name).is_none() {
            return Err(CalibrateError::Counter(name.clone()));
        }
        if names[..index].contains(name) {
            return Err(CalibrateError::Twice(name.clone()));
        }
    }
    Ok(())
}

fn table(terms: &[Term], fit: &Fit, clock_hz: u32, options: &Options) -> PriceTable {
    let price = |term: &Term| {
        // Idle power is priced by the clock, which counts time.
        let (counter, events) = if term.name == "idle" { (TIME, clock_hz as f64) } else { (term.name.as_str(), 1.0) };
        let percent = 100.0 * options.confidence;
        let (low, high) = (term.low / events, term.high / events);
        let idle = format!("; {:.4} W at {} MHz", term.value, clock_hz as f64 / 1e6);
        let note = format!(
            "{percent} % confidence interval {low:.4e} to {high:.4e} J{}{}",
            if term.name == "idle" { idle.as_str() } else { "" },
            if low < 0.0 { "; it holds 0: not told apart from no cost" } else { "" },
        );
        Price {
            counter: counter.into(),
            joules: term.value / events,
            standard_error: Some(term.standard_error / events),
            per_bit: false,
            switching: None,
            source: format!("{}, by `nernst calibrate`", options.title),
            grade: Grade::Measured,
            scope: Scope::PerOperation,
            note: Some(note),
        }
    };
    let entries = BTreeMap::from([
        ("workloads", toml::Value::Integer((fit.degrees_of_freedom + terms.len()) as i64)),
        ("degrees_of_freedom", toml::Value::Integer(fit.degrees_of_freedom as i64)),
        ("relative_residual", toml::Value::Float(fit.relative_residual)),
        ("r_squared", toml::Value::Float(fit.r_squared)),
        ("confidence", toml::Value::Float(options.confidence)),
        ("weighted", toml::Value::Boolean(options.weighted)),
        ("clock_hz", toml::Value::Integer(clock_hz as i64)),
    ]);
    PriceTable {
        name: options.name.clone(),
        title: options.title.clone(),
        device: None,
        fit: Some(entries.into_iter().map(|(key, value)| (key.to_string(), value)).collect()),
        prices: terms.iter().map(price).collect(),
    }
}

#[cfg(test)]
mod tests;
