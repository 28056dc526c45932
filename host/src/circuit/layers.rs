//! Layers one after the other, the commonest circuit, from their weights as matrices.

use super::{Circuit, Neuron, Population, Projection, Readout, Source, Synapse};
use nernst_spec::tick::{LEAK_ONE, Reset};

/// Rows of equal length.
pub type Matrix = Vec<Vec<f32>>;

/// A layer of neurons with the same parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Fires from it on; above 0, in the unit of the weights.
    pub threshold: f32,
    /// What a membrane keeps from tick to tick in 512ths, 0 to 512.
    pub leak: u16,
    pub reset: Reset,
    /// One row for each neuron, with one weight for each neuron of the layer before, or input.
    pub weights: Matrix,
    /// One row for each neuron, with one weight for each neuron: heard a step after it fired.
    pub recurrent: Option<Matrix>,
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

impl Circuit {
    /// Layers of which each hears the one before, named `layer1` and so on. What is 0 is no synapse.
    ///
    /// # Panics
    /// When there are no layers, or matrices that do not fit each other.
    pub fn of_layers(layers: &[Layer]) -> Self {
        let population = |(number, layer): (usize, &Layer)| {
            let decay = f64::from(layer.leak) / f64::from(LEAK_ONE);
            let neuron = Neuron { threshold: layer.threshold.into(), decay, bias: 0.0, reset: layer.reset };
            Population { name: format!("layer{}", number + 1), neurons: vec![neuron; layer.neurons()] }
        };
        let projections = layers.iter().enumerate().flat_map(|(to, layer)| {
            let before = to.checked_sub(1).map_or(Source::Inputs, Source::Population);
            let forward = Projection::of_matrix(before, to, &layer.weights, 0);
            let own = layer.recurrent.as_ref();
            [Some(forward), own.map(|matrix| Projection::of_matrix(Source::Population(to), to, matrix, 1))]
        });
        Self {
            inputs: layers[0].sources(),
            populations: layers.iter().enumerate().map(population).collect(),
            projections: projections.flatten().collect(),
            output: layers.len() - 1,
            readout: Readout::Spikes,
        }
    }
}

impl Projection {
    /// Synapses of one delay from a matrix with a row for each target. What is 0 is no synapse.
    pub fn of_matrix(from: Source, to: usize, matrix: &Matrix, delay: u32) -> Self {
        let sources = matrix.first().map_or(0, Vec::len);
        let of_source = |source: usize| {
            let weights = matrix.iter().map(move |row| row[source]).enumerate().filter(|(_, weight)| *weight != 0.0);
            weights.map(move |(target, weight)| Synapse {
                source: source as u32,
                target: target as u32,
                weight: weight.into(),
                delay,
            })
        };
        Self { from, to, tied: false, synapses: (0..sources).flat_map(of_source).collect() }
    }
}
