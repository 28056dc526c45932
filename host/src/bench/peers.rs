//! Synaptic operations per LUT and clock, beside published figures of other designs.
//!
//! Ours are the LUTs of a placed and routed chip, link and all, under the rates that the RTL of its array gave in simulation. Those of others are
//! recomputed from what they publish; each says where its numbers come from and how far it can be compared.

use super::measure::ArrayReport;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The workload whose rate over whole ticks is set beside the peak.
pub const WORKLOAD: &str = "random-128";

/// The published figures that come with Nernst.
pub const PUBLISHED: &str = include_str!("../../../docs/peers.toml");

/// A design of others, as it was published.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    pub name: String,
    pub device: String,
    pub weight_bits: Option<String>,
    /// Of the design that `luts` counts.
    pub operations_per_clock: Option<f64>,
    pub luts: Option<u64>,
    /// What is counted as a LUT.
    pub unit: Option<String>,
    pub basis: Basis,
    pub source: String,
    /// How `operations_per_clock` follows from the source.
    pub derivation: Option<String>,
    /// What can be compared, and what not.
    pub comparable: String,
}

/// What a rate stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// What the data path can do.
    Peak,
    /// What was done over whole runs.
    Sustained,
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    pub name: String,
    pub luts: u64,
    pub operations_per_clock: f64,
    pub basis: Basis,
}

impl Row {
    /// Synaptic operations in a clock for each 1,000 LUTs.
    pub fn per_kilolut(&self) -> f64 {
        1000.0 * self.operations_per_clock / self.luts.max(1) as f64
    }
}

/// What is taken from a report of place and route.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Routed {
    pub board: String,
    /// Old reports do not name it.
    pub configuration: Option<String>,
    pub lut: Lut,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Lut {
    pub used: u64,
}

/// The designs in the text of a file like `docs/peers.toml`.
pub fn parse(text: &str) -> Result<Vec<Peer>, toml::de::Error> {
    #[derive(Deserialize)]
    struct File {
        peer: Vec<Peer>,
    }
    Ok(toml::from_str::<File>(text)?.peer)
}

impl Peer {
    /// Its line in the table, if it publishes enough for one.
    pub fn row(&self) -> Option<Row> {
        Some(Row {
            name: format!("{} ({})", self.name, self.device),
            luts: self.luts?,
            operations_per_clock: self.operations_per_clock?,
            basis: self.basis,
        })
    }
}

/// Our lines: for every configuration that was both routed and measured its peak and its rate over whole ticks.
/// `routed`: LUTs by configuration.
pub fn ours(report: &ArrayReport, routed: &BTreeMap<String, u64>) -> Vec<Row> {
    let rows = report.configurations.iter().filter_map(|config| {
        let luts = *routed.get(&config.config)?;
        let row = |what: &str, operations_per_clock, basis| Row {
            name: format!("Nernst {}, {what}", config.config),
            luts,
            operations_per_clock,
            basis,
        };
        let sustained = config.workloads.iter().find(|measurement| measurement.workload == WORKLOAD);
        let sustained = sustained.map(|m| row(WORKLOAD, m.over_ticks(), Basis::Sustained));
        Some([Some(row("every lane", config.peak() as f64, Basis::Peak)), sustained])
    });
    rows.flatten().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::ConfigReport;

    #[test]
    fn published_figures_name_their_sources() {
        let peers = parse(PUBLISHED).unwrap();
        assert!(peers.iter().any(|peer| peer.row().is_some()));
        for peer in &peers {
            assert!(!peer.source.is_empty() && !peer.comparable.is_empty(), "{}", peer.name);
            // A rate that enters the table says how it came about.
            assert!(peer.row().is_none() || (peer.derivation.is_some() && peer.unit.is_some()), "{}", peer.name);
        }
        assert!(parse("[[peer]]\nname = 'x'\n").is_err());
    }

    #[test]
    fn a_rate_is_divided_by_the_luts_of_its_own_configuration() {
        let config = |name: &str, lanes| ConfigReport {
            config: name.into(),
            clock_hz: 50_000_000,
            cores: 1,
            lanes,
            workloads: vec![],
            roofline: vec![],
            end_to_end: None,
        };
        let report = ArrayReport { version: 1, configurations: vec![config("a", 500), config("b", 100)] };
        let rows = ours(&report, &BTreeMap::from([("a".to_string(), 20_000)]));
        assert_eq!(rows.len(), 1, "what was not routed has no line");
        assert_eq!(rows[0].per_kilolut(), 25.0);
    }
}
