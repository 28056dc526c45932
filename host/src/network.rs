//! Networks as files: a circuit with its code and the precision of its weights, as training or a conversion made them.
//!
//! The file is JSON:
//!
//! ```json
//! {
//!   "format": "nernst network 2",
//!   "name": "xor",
//!   "coding": "rate",
//!   "ticks": 16,
//!   "inputs": 2,
//!   "populations": [
//!     { "name": "hidden", "neurons": 2, "weight_bits": 4, "threshold": 5, "leak": 480, "reset": "zero" },
//!     { "name": "output", "neurons": 1, "weight_bits": 4, "threshold": [5], "leak": 480, "reset": "zero", "bias": 0.5 }
//!   ],
//!   "projections": [
//!     { "to": "hidden", "weights": [[7, -7], [-7, 7]] },
//!     { "from": "hidden", "to": "output", "delay": 0, "weights": [[6, 6]] },
//!     { "from": "output", "to": "hidden", "delay": 1, "sparse": [[0, 0, -3, 1, -3]] }
//!   ],
//!   "output": "output"
//! }
//! ```
//!
//! | field | |
//! |---|---|
//! | `threshold`, `leak`, `bias` | one number, or a list with one for each neuron. A neuron fires from its threshold on; without a `threshold` it never does. `leak`: what a membrane keeps from step to step in 512ths. `bias`: added in every step, 0 unless given |
//! | `from` | population, or the inputs where it is left out |
//! | `delay` | in steps: 0, unless given, is heard in the step in which the source fires, so these lead to populations further down the list |
//! | `weights` | a row for each target with a weight for each source; 0 is no synapse |
//! | `sparse` | a row for each source: its number, then target and weight of each of its synapses |
//! | `tied` | `true`: equal weights of the projection are one weight, as in a convolution |
//! | `readout` | `spikes` of the output population, unless it says `membranes` |
//!
//! A neuron's scale is free (twice the weights and twice the threshold is the same neuron), so weights may be any finite numbers. Those that are
//! whole numbers within `weight_bits` under a whole threshold are what the array computes with; all others are quantised: see [`mod@quantise`].
//!
//! A network runs for `ticks` steps. On the array a population runs some ticks behind the inputs
//! ([`crate::circuit::schedule`]), so a sample takes some ticks more: [`Network::total_ticks`].

mod format;
mod integer;
mod json;
pub mod quantise;

pub use format::NetworkError;
pub use integer::{IntegerNetwork, IntegerNeuron, IntegerPopulation, IntegerSimulation};
pub(crate) use quantise::step;
pub use quantise::{QuantiseError, Quantised, scale};

use crate::circuit::Circuit;
use crate::circuit::layers::Layer;
use crate::circuit::schedule::{LoopError, latencies};
use crate::coding::Code;
use nernst_spec::WeightBits;
use serde::{Deserialize, Serialize};

/// A network as its file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub name: String,
    /// How a sample becomes input spikes, and in how many steps.
    pub code: Code,
    /// Neurons and synapses.
    pub circuit: Circuit,
    /// Precision of the weights that each population hears.
    pub weight_bits: Vec<WeightBits>,
    pub provenance: Option<Provenance>,
}

/// Where a network comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The command that makes this file again.
    pub command: String,
    /// Version of Nernst that made it.
    pub version: String,
    pub seed: u64,
    /// Share of the training samples that the network's integers classify rightly.
    pub train_accuracy: f64,
    /// Share of the test samples.
    pub test_accuracy: f64,
}

impl Network {
    /// A circuit with weights of one precision.
    pub fn new(name: &str, code: Code, circuit: Circuit, bits: WeightBits) -> Self {
        let weight_bits = vec![bits; circuit.populations.len()];
        Self { name: name.into(), code, circuit, weight_bits, provenance: None }
    }
    /// Layers one after the other: see [`Circuit::of_layers`].
    ///
    /// # Panics
    /// When there are no layers, or matrices that do not fit each other.
    pub fn of_layers(name: &str, code: Code, bits: WeightBits, layers: &[Layer]) -> Self {
        Self::new(name, code, Circuit::of_layers(layers), bits)
    }
    /// Input lines.
    pub fn inputs(&self) -> usize {
        self.circuit.inputs
    }
    /// Neurons of the output population.
    pub fn outputs(&self) -> usize {
        self.circuit.outputs()
    }
    /// Neurons of all populations.
    pub fn neurons(&self) -> usize {
        self.circuit.neurons()
    }
    /// Ticks that a sample takes on the array: its steps, and those that the output runs behind the inputs.
    pub fn total_ticks(&self) -> Result<u32, LoopError> {
        let names: Vec<&str> = self.circuit.populations.iter().map(|population| population.name.as_str()).collect();
        Ok(self.code.ticks + latencies(&names, &self.circuit.projections)?[self.circuit.output])
    }
    /// The same network for weights of another precision.
    pub fn with_bits(mut self, bits: WeightBits) -> Self {
        self.weight_bits.fill(bits);
        self
    }
    /// What the array computes with.
    pub fn integers(&self) -> Result<IntegerNetwork, QuantiseError> {
        Ok(self.quantised()?.network)
    }
    /// What the array computes with, and what of the network was lost.
    pub fn quantised(&self) -> Result<Quantised, QuantiseError> {
        quantise::quantise(&self.circuit, &self.weight_bits)
    }
}
