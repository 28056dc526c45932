//! Several price tables beside each other: where they disagree, a bill is a range.

use super::bill::{Bill, Estimate};
use super::counters;
use super::prices::{Grade, MIXED, Scope};
use serde::Serialize;

/// The lowest and the highest of several estimates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Span {
    /// `total`, or a group of counters.
    pub name: String,
    /// In joule.
    pub low: f64,
    /// In joule.
    pub high: f64,
    /// The lowest grade of all of them.
    pub grade: Grade,
    /// The tables that price something of it. They may price different counters.
    pub prices: Vec<String>,
}

/// Bills of one run by several tables.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Range {
    pub total: Span,
    /// The groups that at least one table prices.
    pub groups: Vec<Span>,
}

/// Why bills have no range.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum RangeError {
    #[error("no bills to compare")]
    Empty,
    #[error("price table `{all_in}` is all-in, `{per_operation}` per operation: they price different things")]
    Mixed { all_in: String, per_operation: String },
}

impl RangeError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Empty => "give at least one table with --prices",
            Self::Mixed { .. } => MIXED,
        }
    }
}

impl Range {
    /// Of bills of the same run. Bills of different scopes are refused.
    pub fn new(bills: &[Bill]) -> Result<Self, RangeError> {
        let first = bills.first().ok_or(RangeError::Empty)?;
        if let Some(other) = bills.iter().find(|bill| bill.scope != first.scope) {
            let (a, b) = if first.scope == Scope::AllIn { (first, other) } else { (other, first) };
            return Err(RangeError::Mixed { all_in: a.prices.clone(), per_operation: b.prices.clone() });
        }
        let total = span("total", bills, |bill| Some(bill.total)).ok_or(RangeError::Empty)?;
        let groups = counters::groups();
        let groups = groups.iter().filter_map(|name| span(name, bills, |bill| bill.group(name))).collect();
        Ok(Self { total, groups })
    }
}

fn span(name: &str, bills: &[Bill], of: impl Fn(&Bill) -> Option<Estimate>) -> Option<Span> {
    let priced: Vec<(&Bill, Estimate)> = bills.iter().filter_map(|bill| Some((bill, of(bill)?))).collect();
    let joules = || priced.iter().map(|(_, estimate)| estimate.joules);
    Some(Span {
        name: name.into(),
        low: joules().reduce(f64::min)?,
        high: joules().reduce(f64::max)?,
        grade: priced.iter().map(|(_, estimate)| estimate.grade).min()?,
        prices: priced.iter().map(|(bill, _)| bill.prices.clone()).collect(),
    })
}
