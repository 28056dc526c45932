//! The report of a placement.

use super::Mapped;
use super::lanes::Lanes;
use crate::network::{IntegerNetwork, Network};
use nernst_spec::{ArrayConfig, WeightBits};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// Where a network went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placement {
    pub network: String,
    pub config: String,
    /// Ticks that one sample takes.
    pub ticks: u32,
    pub input_lines: usize,
    pub input_lines_available: usize,
    pub cores: Vec<CorePlacement>,
    pub layers: Vec<LayerPlacement>,
}

/// What a core holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorePlacement {
    pub weight_bits: WeightBits,
    /// Contexts that it is loaded with.
    pub contexts: usize,
    /// Neurons, and lanes for them in all contexts.
    pub lanes_used: usize,
    pub lanes: usize,
    /// Rows (axons) with a weight other than 0, and those that it has.
    pub rows_used: usize,
    pub rows: usize,
    /// It counts the weights other than 0 that it adds.
    pub counts_nonzero: bool,
    /// Layers with a part here.
    pub layers: Vec<usize>,
}

/// Where a layer is and what it costs to reach it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerPlacement {
    pub neurons: usize,
    pub weight_bits: WeightBits,
    pub threshold: u32,
    pub leak: u16,
    /// Weights other than 0.
    pub synapses: usize,
    pub cores: Vec<usize>,
    pub sources: usize,
    /// Cores that a spike of one of its sources is sent to, on average over the sources.
    pub fan_out: f64,
}

impl Placement {
    pub(super) fn of(network: &Network, integers: &IntegerNetwork, config: &ArrayConfig, mapped: &Mapped) -> Self {
        let Mapped { contexts, counting, lanes, routes } = mapped;
        let core = |(number, shape): (usize, &nernst_spec::CoreConfig)| {
            let on_core = |layer: &&Lanes| layer.0.iter().any(|lane| lane.core == number);
            let heard = routes.iter().flatten().filter(|route| route.cores >> number & 1 == 1);
            CorePlacement {
                weight_bits: shape.weight_bits,
                contexts: contexts[number].count(),
                lanes_used: lanes.iter().flat_map(|lanes| &lanes.0).filter(|lane| lane.core == number).count(),
                lanes: contexts[number].count() * shape.neurons(),
                rows_used: heard.map(|route| route.axon).collect::<BTreeSet<_>>().len(),
                rows: shape.axons(),
                counts_nonzero: counting[number],
                layers: (0..lanes.len()).filter(|&layer| on_core(&&lanes[layer])).collect(),
            }
        };
        let layer = |(number, layer): (usize, &crate::network::IntegerLayer)| {
            let destinations: u32 = routes[number].iter().map(|route| route.cores.count_ones()).sum();
            let weights = layer.rows.iter().chain(layer.recurrent.iter().flatten()).flatten();
            LayerPlacement {
                neurons: layer.neurons,
                weight_bits: layer.weight_bits,
                threshold: layer.parameters.threshold,
                leak: layer.parameters.leak,
                synapses: weights.filter(|weight| **weight != 0).count(),
                cores: (0..config.cores.len()).filter(|core| lanes[number].cores() >> core & 1 == 1).collect(),
                sources: layer.rows.len(),
                fan_out: destinations as f64 / layer.rows.len().max(1) as f64,
            }
        };
        Self {
            network: network.name.clone(),
            config: config.name.clone(),
            ticks: network.total_ticks(),
            input_lines: network.inputs(),
            input_lines_available: config.inputs,
            cores: config.cores.iter().enumerate().map(core).collect(),
            layers: integers.layers.iter().enumerate().map(layer).collect(),
        }
    }
}

fn list(numbers: &[usize]) -> String {
    if numbers.is_empty() {
        return "-".into();
    }
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "{} on {}: {} ticks a sample", self.network, self.config, self.ticks)?;
        writeln!(f, "input lines {} of {}", self.input_lines, self.input_lines_available)?;
        writeln!(f)?;
        writeln!(f, "layer  neurons  weights  synapses  threshold  leak     sources  fan-out  cores")?;
        for (number, layer) in self.layers.iter().enumerate() {
            writeln!(
                f,
                "{number:>5}  {:>7}  {:>7}  {:>8}  {:>9}  {:<7}  {:>7}  {:>7.2}  {}",
                layer.neurons,
                layer.weight_bits.to_string(),
                layer.synapses,
                layer.threshold,
                format!("{}/512", layer.leak),
                layer.sources,
                layer.fan_out,
                list(&layer.cores)
            )?;
        }
        writeln!(f)?;
        writeln!(f, "core  weights  contexts  lanes          rows         counts  layers")?;
        for (number, core) in self.cores.iter().enumerate() {
            writeln!(
                f,
                "{number:>4}  {:>7}  {:>8}  {:<13}  {:<11}  {:<6}  {}",
                core.weight_bits.to_string(),
                core.contexts,
                format!("{} of {}", core.lanes_used, core.lanes),
                format!("{} of {}", core.rows_used, core.rows),
                if core.counts_nonzero { "all" } else { "no" },
                list(&core.layers)
            )?;
        }
        Ok(())
    }
}
