//! Price tables as TOML.

use super::{Grade, Price, PriceError, PriceTable, Scope, Switching};
use crate::energy::counters;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fit: Option<toml::Table>,
    #[serde(default, rename = "price")]
    prices: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    counter: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    per_bit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    switching: Option<Switching>,
    source: String,
    grade: Grade,
    scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Unit {
    J,
    #[serde(rename = "mJ")]
    Milli,
    #[serde(rename = "uJ")]
    Micro,
    #[serde(rename = "nJ")]
    Nano,
    #[serde(rename = "pJ")]
    Pico,
    #[serde(rename = "fJ")]
    Femto,
}

impl Unit {
    /// The number of these in a joule: dividing by it rounds less than multiplying by its inverse.
    fn per_joule(self) -> f64 {
        match self {
            Unit::J => 1.0,
            Unit::Milli => 1e3,
            Unit::Micro => 1e6,
            Unit::Nano => 1e9,
            Unit::Pico => 1e12,
            Unit::Femto => 1e15,
        }
    }
}

pub(super) fn parse(text: &str, origin: &str) -> Result<PriceTable, PriceError> {
    let file: File = toml::from_str(text).map_err(|source| PriceError::Syntax { table: origin.into(), source })?;
    let mut prices: Vec<Price> = vec![];
    for (index, entry) in file.prices.into_iter().enumerate() {
        let number = index + 1;
        if counters::find(&entry.counter).is_none() {
            return Err(PriceError::Counter { table: origin.into(), number, counter: entry.counter });
        }
        let counter = entry.counter.clone();
        let wrong = |what: String| PriceError::Price { table: origin.into(), number, counter: counter.clone(), what };
        if let Some(earlier) = prices.iter().position(|price| price.counter == counter) {
            return Err(wrong(format!("price {} is for the same counter", earlier + 1)));
        }
        prices.push(entry.price().map_err(wrong)?);
    }
    let Some(first) = prices.first() else { return Err(PriceError::Empty(origin.into())) };
    if let Some(other) = prices.iter().find(|price| price.scope != first.scope) {
        let (a, b) = if first.scope == Scope::AllIn { (first, other) } else { (other, first) };
        let (all_in, per_operation) = (a.counter.clone(), b.counter.clone());
        return Err(PriceError::Mixed { table: origin.into(), all_in, per_operation });
    }
    Ok(PriceTable { name: file.name, title: file.title, device: file.device, fit: file.fit, prices })
}

impl Entry {
    fn price(self) -> Result<Price, String> {
        let (joules, standard_error) = match (&self.switching, self.value, self.unit) {
            (None, Some(value), Some(unit)) => {
                not_negative("value", value)?;
                (value / unit.per_joule(), self.standard_error.map(|error| error / unit.per_joule()))
            }
            (Some(switching), None, None) => {
                not_negative("toggles", switching.toggles)?;
                not_negative("capacitance_pf", switching.capacitance_pf)?;
                not_negative("voltage_v", switching.voltage_v)?;
                let each = switching.joules_per_toggle();
                // Beside `switching`, as in it, a standard error is one of toggles.
                let error = switching.standard_error.or(self.standard_error);
                (switching.toggles * each, error.map(|error| error * each))
            }
            (None, None, _) => return Err("it has neither `value` nor `switching`".into()),
            (None, Some(_), None) => return Err("its value has no `unit` (J, mJ, uJ, nJ, pJ or fJ)".into()),
            (Some(_), ..) => return Err("it has `switching`, and `value` or `unit`, too: give one of them".into()),
        };
        if let Some(error) = standard_error {
            not_negative("standard_error", error)?;
        }
        if self.source.trim().is_empty() {
            return Err("it names no source".into());
        }
        Ok(Price {
            counter: self.counter,
            joules,
            standard_error,
            per_bit: self.per_bit,
            switching: self.switching,
            source: self.source,
            grade: self.grade,
            scope: self.scope,
            note: self.note,
        })
    }
}

fn not_negative(name: &str, value: f64) -> Result<(), String> {
    if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(format!("{name} is {value}, and must be 0 or more")) }
}

pub(super) fn write(table: &PriceTable) -> String {
    let entry = |price: &Price| {
        let value = price.switching.is_none();
        Entry {
            counter: price.counter.clone(),
            value: value.then_some(price.joules),
            unit: value.then_some(Unit::J),
            standard_error: price.standard_error.filter(|_| value),
            per_bit: price.per_bit,
            switching: price.switching,
            source: price.source.clone(),
            grade: price.grade,
            scope: price.scope,
            note: price.note.clone(),
        }
    };
    let file = File {
        name: table.name.clone(),
        title: table.title.clone(),
        device: table.device.clone(),
        fit: table.fit.clone(),
        prices: table.prices.iter().map(entry).collect(),
    };
    // All keys are strings and all values numbers, strings, flags and tables: TOML has a form for each.
    toml::to_string(&file).unwrap_or_default()
}
