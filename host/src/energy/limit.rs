//! A budget in a user's words, and in the array's ([`nernst_spec::budget`]).

use super::prices::{Grade, PriceTable};
use super::{bits, counters, units};
use nernst_spec::budget::{Budget, MAX_LEFT, MAX_PRICE, PRICES, of_array, of_cores};
use nernst_spec::ledger::{ArrayCounter, Class, CoreCounter};
use nernst_spec::{ArrayConfig, CoreConfig};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What may be spent.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// In joule, by a price table.
    Energy(f64),
    /// So many of these counters together.
    Count { count: f64, counters: Vec<String> },
}

/// Why a text is no limit, or a limit none that the array can keep.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum LimitError {
    #[error("budget `{0}` does not begin with a number that is more than 0")]
    Number(String),
    #[error("budget `{text}`: unknown unit `{unit}`")]
    Unit { text: String, unit: String },
    #[error("price table `{0}` prices nothing that the array counts")]
    Free(String),
    #[error("the budget is {asked}, of which the dearest event alone takes {dearest}")]
    TooSmall { asked: String, dearest: String },
    #[error("the budget is {0}: an array counts up to {MAX_LEFT}")]
    TooLarge(String),
}

impl LimitError {
    /// What a user can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Number(_) | Self::Unit { .. } => format!(
                "give a number and a unit: joules (5mJ), ATP molecules (1e15ATP), bytes on the link (20kB), synaptic operations (3Moperations), or a \
                 counter: {}",
                counters::names()
            ),
            Self::Free(_) => "choose another price table with --prices".into(),
            Self::TooSmall { .. } => "give a larger budget".into(),
            Self::TooLarge(_) => "give a smaller budget, or leave it out".into(),
        }
    }
}

/// Decimal prefixes, the empty one last.
const PREFIXES: [(&str, f64); 11] = [
    ("f", 1e-15),
    ("p", 1e-12),
    ("n", 1e-9),
    ("u", 1e-6),
    ("\u{b5}", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("", 1.0),
];

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
        let number = ends.filter_map(|end| Some((text[..end].trim().parse::<f64>().ok()?, &text[end..]))).next();
        let (number, unit) = number
            .filter(|(number, _)| *number > 0.0 && number.is_finite())
            .ok_or_else(|| LimitError::Number(text.into()))?;
        let unit = unit.trim();
        let count = |factor: f64, names: &[&str]| {
            Ok(Limit::Count { count: number * factor, counters: names.iter().map(|name| name.to_string()).collect() })
        };
        if counters::find(unit).is_some() {
            return count(1.0, &[unit]);
        }
        let base = |name: &str| {
            let prefix = unit.strip_suffix(name)?;
            PREFIXES.iter().find(|(known, _)| *known == prefix).map(|(_, factor)| *factor)
        };
        if let Some(factor) = base("ATP") {
            return Ok(Limit::Energy(number * factor * units::joules_per_atp()));
        }
        if let Some(factor) = base("operations") {
            return count(factor, &[CoreCounter::SynapticOperations.name()]);
        }
        if let Some(factor) = base("B").or_else(|| base("bytes")) {
            return count(factor, &[ArrayCounter::LinkBytesIn.name(), ArrayCounter::LinkBytesOut.name()]);
        }
        match base("J") {
            Some(factor) => Ok(Limit::Energy(number * factor)),
            None => Err(LimitError::Unit { text: text.into(), unit: unit.into() }),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Limit::Energy(joules) => f.write_str(&units::si(*joules, "J")),
            Limit::Count { count, counters } => write!(f, "{count} {}", counters.join(" + ")),
        }
    }
}

/// A limit as the array keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub limit: Limit,
    /// What is written to the array, armed.
    pub budget: Budget,
    /// What one unit of the array's budget is: in joule, or 1.
    pub unit: f64,
    /// The largest relative error of a price by rounding it to the array's 15 bits.
    pub rounding: f64,
    /// Name of the price table and its grade.
    pub prices: Option<(String, Grade)>,
    /// Some counter of the class *time* has a price: when it is used up depends on when bytes arrive.
    pub timed: bool,
}

/// What became of a budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// What was asked for, in words.
    pub limit: String,
    /// The same, and what was spent of it, in joule or counted events.
    pub limit_value: f64,
    pub spent: f64,
    /// `J`, or the counters.
    pub unit: String,
    /// Name of the price table and its grade, for joules.
    pub prices: Option<(String, Grade)>,
    /// The largest relative error of a price by rounding it to the array's 15 bits.
    pub rounding: f64,
    /// Where it stopped the run: ticks of the sample after the last one that was completed.
    pub stopped_after_ticks: Option<usize>,
}

impl Plan {
    /// For an array of this shape; the table is for joules.
    pub fn new(limit: Limit, table: &PriceTable, config: &ArrayConfig) -> Result<Self, LimitError> {
        match &limit {
            Limit::Count { count, counters } => {
                if *count > MAX_LEFT as f64 {
                    return Err(LimitError::TooLarge(limit.to_string()));
                }
                let price = |name: &str| if counters.iter().any(|counter| counter == name) { 1.0 } else { 0.0 };
                let (prices, timed) = per_event(price);
                let left = count.floor() as i64;
                if left < 1 {
                    let (asked, dearest) = (limit.to_string(), "1".into());
                    return Err(LimitError::TooSmall { asked, dearest });
                }
                let budget = Budget { prices: prices.map(|price| price as u16), left, armed: true };
                Ok(Self { limit, budget, unit: 1.0, rounding: 0.0, prices: None, timed })
            }
            &Limit::Energy(joules) => {
                let (prices, timed) = per_event(|name| joules_of(table, name, &config.cores));
                let dearest = prices.iter().copied().fold(0.0, f64::max);
                if dearest == 0.0 {
                    return Err(LimitError::Free(table.name.clone()));
                }
                if dearest > joules {
                    let (asked, dearest) = (limit.to_string(), units::si(dearest, "J"));
                    return Err(LimitError::TooSmall { asked, dearest });
                }
                let unit = (dearest / f64::from(MAX_PRICE)).max(joules / MAX_LEFT as f64);
                let rounded = prices.map(|price| (price / unit).round());
                let error = |(price, rounded): (&f64, &f64)| (rounded * unit / price - 1.0).abs();
                let priced = prices.iter().zip(&rounded).filter(|(price, _)| **price > 0.0);
                let rounding = priced.map(error).fold(0.0, f64::max);
                let left = (joules / unit).floor() as i64;
                let budget = Budget { prices: rounded.map(|price| price as u16), left, armed: true };
                let grade = table.grade();
                Ok(Self { limit, budget, unit, rounding, prices: Some((table.name.clone(), grade)), timed })
            }
        }
    }

    /// What became of it, when so much is left.
    pub fn spent(&self, left: i64, stopped_after_ticks: Option<usize>) -> Spent {
        Spent {
            limit: self.limit.to_string(),
            limit_value: self.budget.left as f64 * self.unit,
            spent: (self.budget.left - left) as f64 * self.unit,
            unit: match &self.limit {
                Limit::Energy(_) => "J".into(),
                Limit::Count { counters, .. } => counters.join(" + "),
            },
            prices: self.prices.clone(),
            rounding: self.rounding,
            stopped_after_ticks,
        }
    }
}

/// Prices in the order of the array's words, and whether one of a counter of time is not 0.
fn per_event(price: impl Fn(&str) -> f64) -> ([f64; PRICES], bool) {
    let (mut prices, mut timed) = ([0.0; PRICES], false);
    let array = ArrayCounter::ALL.iter().map(|&counter| (of_array(counter), counter.definition()));
    for (place, definition) in array.chain(CoreCounter::ALL.iter().map(|&c| (of_cores(c), c.definition()))) {
        prices[place] = price(definition.name);
        timed |= definition.class == Class::Time && prices[place] > 0.0;
    }
    (prices, timed)
}

/// Joule for one event. Where cores differ in the bits that an event moves, those that move most: so the budget is kept.
fn joules_of(table: &PriceTable, counter: &str, cores: &[CoreConfig]) -> f64 {
    let Some(price) = table.prices.iter().find(|price| price.counter == counter) else { return 0.0 };
    if !price.per_bit {
        return price.joules;
    }
    let of_cores = cores.iter().filter_map(|core| bits::of_core(counter, core, cores));
    let bits = bits::of_array(counter, cores).into_iter().chain(of_cores).max().unwrap_or(0);
    price.joules * bits as f64
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let amount = |value: f64| if self.unit == "J" { units::si(value, "J") } else { format!("{value:.0}") };
        write!(f, "budget      {} of {}", amount(self.spent), self.limit)?;
        if let Some((table, grade)) = &self.prices {
            write!(f, " ({grade}, prices `{table}`, rounded within {:.1} %)", 100.0 * self.rounding)?;
        }
        match self.stopped_after_ticks {
            Some(0) => write!(f, ": used up, the array stopped at the end of the last sample"),
            Some(ticks) => write!(f, ": used up, the array stopped after {ticks} ticks of the next sample"),
            None => write!(f, ": not used up"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::prices;

    fn limit(text: &str) -> Limit {
        text.parse().unwrap()
    }

    #[test]
    fn limits_are_read_in_every_unit() {
        assert_eq!(limit("5mJ"), Limit::Energy(5.0 * 1e-3));
        assert_eq!(limit("2 uJ"), Limit::Energy(2.0 * 1e-6));
        assert_eq!(limit("1e15ATP"), Limit::Energy(1e15 * units::joules_per_atp()));
        let counted = |count, names: &[&str]| Limit::Count {
            count,
            counters: names.iter().map(|name| name.to_string()).collect(),
        };
        assert_eq!(limit("3Moperations"), counted(3e6, &["synaptic_operations"]));
        assert_eq!(limit("20kB"), counted(20e3, &["link_bytes_in", "link_bytes_out"]));
        assert_eq!(limit("5events"), counted(5.0, &["events"]));
        assert_eq!(limit("7 spikes"), counted(7.0, &["spikes"]));
        for text in ["", "mJ", "-5J", "0J", "nanJ", "5", "5 parsecs", "5xJ"] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
    }

    #[test]
    fn joules_become_prices_that_fit_the_array() {
        let config = ArrayConfig::ready("25f").unwrap();
        let table = prices::find("loihi").unwrap();
        let plan = Plan::new(limit("5mJ"), &table, &config).unwrap();
        assert_eq!(plan.budget.prices.iter().max(), Some(&MAX_PRICE));
        assert!(plan.rounding < 0.01, "{}", plan.rounding);
        assert!((plan.budget.left as f64 * plan.unit - 5e-3).abs() < 1e-9);
        // A thousand synaptic operations cost what the table says.
        let mut counts = nernst_spec::Ledger::new(4);
        counts.count_core(1, CoreCounter::SynapticOperations, 1000);
        let cost = plan.budget.price(&counts) as f64 * plan.unit;
        let price = table.prices.iter().find(|price| price.counter == "synaptic_operations").unwrap().joules;
        assert!((cost / (1000.0 * price) - 1.0).abs() < 0.01, "{cost}");
    }

    #[test]
    fn what_the_array_cannot_keep_is_refused() {
        let config = ArrayConfig::ready("tiny").unwrap();
        let table = prices::find("loihi").unwrap();
        assert!(matches!(Plan::new(limit("1fJ"), &table, &config), Err(LimitError::TooSmall { .. })));
        assert!(matches!(Plan::new(limit("1e30events"), &table, &config), Err(LimitError::TooLarge(_))));
        let plan = Plan::new(limit("20kB"), &table, &config).unwrap();
        assert!(plan.timed && plan.budget.left == 20_000);
        assert!(!Plan::new(limit("9spikes"), &table, &config).unwrap().timed);
    }
}
