//! Price tables: joules for one event of a counter, each with its source and the evidence for it.
//!
//! A table is a TOML file:
//!
//! ```toml
//! name = "example"
//! title = "What the table is about"
//! device = "Loihi"                 # whose prices these are, where not this array's
//!
//! [fit]                            # optional, free: how the prices were found; kept and shown
//! workloads = 40
//!
//! [[price]]
//! counter = "rows_fetched"         # a counter of the ledger
//! value = 0.16                     # or `switching`, below
//! unit = "pJ"                      # J, mJ, uJ, nJ, pJ or fJ
//! per_bit = true                   # the price is for each bit moved, see `energy::bits`; false when left out
//! standard_error = 0.01            # in the unit of the value; may be left out
//! source = "who published it, where"
//! grade = "derived"                # assumed < derived < simulated < measured
//! scope = "per-operation"          # or "all-in"
//! note = "what else must be known" # may be left out
//!
//! [[price]]
//! counter = "clocks"               # toggles * 1/2 C V^2
//! switching = { toggles = 812.3, capacitance_pf = 0.05, voltage_v = 1.1, standard_error = 4.0 }
//! source = "..."
//! grade = "assumed"
//! scope = "per-operation"
//! ```

mod format;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// Evidence for a price, weakest first. The grade of a sum is that of its weakest part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Taken for plausible.
    Assumed,
    /// By arithmetic from other published figures.
    Derived,
    /// From a simulation of the circuit.
    Simulated,
    /// From a meter on the device that the table is about.
    Measured,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Grade::Assumed => "assumed",
            Grade::Derived => "derived",
            Grade::Simulated => "simulated",
            Grade::Measured => "measured",
        })
    }
}

/// What a price has in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The operation alone: other operations have prices of their own.
    PerOperation,
    /// A whole chip's energy divided by its operations: leakage, memory, clock and routing are in it.
    AllIn,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Scope::PerOperation => "per operation",
            Scope::AllIn => "all-in",
        })
    }
}

/// Energy of toggles: each charges or discharges a capacitance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switching {
    /// Toggles of nets for one event.
    pub toggles: f64,
    /// Capacitance that a toggle charges, in picofarad.
    pub capacitance_pf: f64,
    /// Supply in volt.
    pub voltage_v: f64,
    /// Of the toggles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// The same toggles, each times the wire segments of its net's route: for whoever knows the capacitance of a segment. No price is made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<f64>,
}

impl Switching {
    /// 1/2 C V^2, in joule: what one toggle takes (Weste and Harris, CMOS VLSI Design, 4th edition, section 5.2.1).
    pub fn joules_per_toggle(&self) -> f64 {
        0.5 * self.capacitance_pf * 1e-12 * self.voltage_v.powi(2)
    }
}

/// What one event of a counter costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Price {
    /// Name of the counter.
    pub counter: String,
    /// Joule for one event, or for one bit that it moves.
    pub joules: f64,
    /// Standard error of `joules`, in joule.
    pub standard_error: Option<f64>,
    /// Whether the price is for each bit moved.
    pub per_bit: bool,
    /// Where toggles give the price.
    pub switching: Option<Switching>,
    pub source: String,
    pub grade: Grade,
    pub scope: Scope,
    pub note: Option<String>,
}

/// A table of prices, of one scope, with at most one price for a counter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriceTable {
    /// Name under which it is chosen and shown.
    pub name: String,
    /// What it is about, in one line.
    pub title: String,
    /// The device that the prices are of, where that is another one: what was measured there was not measured here.
    pub device: Option<String>,
    /// How the prices were found, if by a fit.
    pub fit: Option<toml::Table>,
    pub prices: Vec<Price>,
}

/// Why a price table cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    #[error("unknown price table `{0}`")]
    Unknown(String),
    #[error("cannot read price table `{}`: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("price table `{table}`: {source}")]
    Syntax { table: String, source: toml::de::Error },
    #[error("price table `{table}`, price {number}: unknown counter `{counter}`")]
    Counter { table: String, number: usize, counter: String },
    #[error("price table `{table}`, price {number} ({counter}): {what}")]
    Price { table: String, number: usize, counter: String, what: String },
    #[error("price table `{0}` has no prices")]
    Empty(String),
    #[error(
        "price table `{table}` mixes scopes: the price of {all_in} is all-in, that of {per_operation} per operation"
    )]
    Mixed { table: String, all_in: String, per_operation: String },
}

impl PriceError {
    /// What a user can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Unknown(_) => format!("price tables: {}; or the path of a TOML file", ready_names().join(", ")),
            Self::Read { .. } => format!("check the path, or use one of {}", ready_names().join(", ")),
            Self::Syntax { .. } => {
                "each [[price]] has counter, value and unit (or switching), source, grade, scope".into()
            }
            Self::Counter { .. } => format!("counters: {}", super::counters::names()),
            Self::Price { .. } => "correct the price, or leave it out: what is not priced is listed as such".into(),
            Self::Empty(_) => "give it at least one [[price]]".into(),
            Self::Mixed { .. } => MIXED.into(),
        }
    }
}

/// Why scopes cannot be added or compared.
pub const MIXED: &str = "\
    an all-in price already has memory, clock, leakage and routing in it: added to prices of single operations it \
    counts them twice, and beside them it compares a chip with an adder; use tables of one scope";

/// The tables that come with the program: name and text.
const READY: &[(&str, &str)] = &[
    ("ecp5", include_str!("../../prices/ecp5.toml")),
    ("loihi", include_str!("../../prices/loihi.toml")),
    ("horowitz-45nm", include_str!("../../prices/horowitz-45nm.toml")),
    ("cortex", include_str!("../../prices/cortex.toml")),
    ("truenorth", include_str!("../../prices/truenorth.toml")),
];
/// Name of the table that is used when nothing says another: the only one of this array.
pub const DEFAULT: &str = "ecp5";

/// Names of the tables that come with the program.
pub fn ready_names() -> Vec<&'static str> {
    READY.iter().map(|(name, _)| *name).collect()
}

/// A table that comes with the program, or the one in a TOML file: whatever has a `.toml` at its end or a separator in
/// it is a path.
pub fn find(name: &str) -> Result<PriceTable, PriceError> {
    let path = Path::new(name);
    if path.extension().is_none_or(|extension| extension != "toml") && path.components().count() <= 1 {
        let (_, text) =
            READY.iter().find(|(ready, _)| *ready == name).ok_or_else(|| PriceError::Unknown(name.into()))?;
        return PriceTable::parse(text, name);
    }
    let text = std::fs::read_to_string(path).map_err(|source| PriceError::Read { path: path.into(), source })?;
    PriceTable::parse(&text, name)
}

impl PriceTable {
    /// From the text of a TOML file; `origin` is its name, for errors.
    pub fn parse(text: &str, origin: &str) -> Result<Self, PriceError> {
        format::parse(text, origin)
    }

    /// As a TOML file. Values are in joule.
    pub fn to_toml(&self) -> String {
        format::write(self)
    }

    /// The scope of all of its prices.
    pub fn scope(&self) -> Scope {
        self.prices.first().map_or(Scope::PerOperation, |price| price.scope)
    }

    /// The lowest grade of its prices.
    pub fn grade(&self) -> Grade {
        self.prices.iter().map(|price| price.grade).min().unwrap_or(Grade::Assumed)
    }

    /// The price of a counter.
    pub fn price(&self, counter: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.counter == counter)
    }
}
