//! Networks as files: layers of leaky integrate-and-fire neurons with their weights, as training or a conversion made them.
//!
//! The file is JSON:
//!
//! ```json
//! {
//!   "format": "nernst network 1",
//!   "name": "xor",
//!   "coding": "rate",
//!   "ticks": 16,
//!   "layers": [
//!     { "weight_bits": 4, "threshold": 5, "leak": 480, "reset": "zero", "weights": [[7, -7], [-7, 7]] },
//!     { "weight_bits": 4, "threshold": 5, "leak": 480, "reset": "zero", "weights": [[6, 6]] }
//!   ]
//! }
//! ```
//!
//! `weights` has a row for each neuron of the layer and in it a weight for each input line or neuron of the layer before;
//! `recurrent`, if given, a weight for each neuron of the same layer. A neuron's scale is free (twice the weights and twice
//! the threshold is the same neuron), so weights may be any finite numbers. Those that are whole numbers within
//! `weight_bits` under a whole threshold are what the array computes with; all others are quantised: see [`quantise`].
//!
//! A spike of one layer reaches the next, or its own, a tick later. So a network runs for `ticks` and one tick more for every
//! layer after the first: [`Network::total_ticks`].

mod format;
mod integer;
mod quantise;

pub use format::NetworkError;
pub use integer::{IntegerLayer, IntegerNetwork};
pub(crate) use quantise::step;
pub use quantise::{QuantiseError, quantise, scale};

use crate::coding::{Code, Coding};
use nernst_spec::WeightBits;
use nernst_spec::tick::Reset;
use serde::{Deserialize, Serialize};

/// A network as its file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub name: String,
    /// How a sample becomes input spikes.
    pub coding: Coding,
    /// Ticks in which a sample's spikes arrive, at least 1.
    pub ticks: u32,
    /// At least one.
    pub layers: Vec<Layer>,
    pub provenance: Option<Provenance>,
}

/// A layer of neurons with the same parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Precision that the weights were trained for.
    pub weight_bits: WeightBits,
    /// Fires at `v >= threshold`; above 0, in the unit of the weights.
    pub threshold: f32,
    /// What a membrane keeps from tick to tick in 512ths, 0 to 512.
    pub leak: u16,
    pub reset: Reset,
    /// One row for each neuron, with one weight for each source.
    pub weights: Matrix,
    /// One row for each neuron, with one weight for each neuron.
    pub recurrent: Option<Matrix>,
}

/// Rows of equal length.
pub type Matrix = Vec<Vec<f32>>;

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
    /// Input lines.
    pub fn inputs(&self) -> usize {
        self.layers.first().map_or(0, Layer::sources)
    }
    /// Neurons of the last layer.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, Layer::neurons)
    }
    /// Neurons of all layers.
    pub fn neurons(&self) -> usize {
        self.layers.iter().map(Layer::neurons).sum()
    }
    /// Ticks from the first input to the last output that a sample can cause through every layer.
    pub fn total_ticks(&self) -> u32 {
        self.ticks + self.layers.len().saturating_sub(1) as u32
    }
    /// Name and ticks of the coding.
    pub fn code(&self) -> Code {
        Code { coding: self.coding, ticks: self.ticks }
    }
    /// The same network for weights of another precision.
    pub fn with_bits(mut self, bits: WeightBits) -> Self {
        self.layers.iter_mut().for_each(|layer| layer.weight_bits = bits);
        self
    }
    /// What the array computes with.
    pub fn integers(&self) -> Result<IntegerNetwork, QuantiseError> {
        let layers = self.layers.iter().enumerate().map(|(number, layer)| quantise(number, layer));
        Ok(IntegerNetwork { layers: layers.collect::<Result<_, _>>()? })
    }
}

impl Layer {
    pub fn neurons(&self) -> usize {
        self.weights.len()
    }
    /// Input lines or neurons of the layer before.
    pub fn sources(&self) -> usize {
        self.weights.first().map_or(0, Vec::len)
    }
}
