//! The network in training: real weights, and what the forward pass makes of them.

use super::adam::Adam;
use crate::coding::{Code, classify};
use crate::data::{Random, Sample};
use crate::network::{Layer, scale, step};
use nernst_spec::WeightBits;
use nernst_spec::tick::{self, LEAK_ONE, Reset};

/// Which weights the forward pass uses.
#[derive(Clone, Copy)]
pub(super) enum Precision<'a> {
    Real,
    /// Integers of this precision, with one step for each layer.
    Integer(WeightBits, &'a [f32]),
}

/// Layers whose neurons fire at 1.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub layers: Vec<Weights>,
    pub leak: u16,
    pub reset: Reset,
}

/// The weights of a layer.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    pub neurons: usize,
    /// A row for each source with a weight for each neuron, one row after the other.
    values: Vec<f32>,
    adam: Adam,
}

/// A layer as the forward pass computes it.
pub(super) struct Pass {
    pub neurons: usize,
    /// Rows as in [`Weights`], real or whole.
    pub weights: Vec<f32>,
    pub threshold: f32,
    leak: u16,
    /// The precision whose integer arithmetic the leak follows.
    integer: Option<WeightBits>,
    reset: Reset,
}

impl Model {
    /// Uniform random weights within ±1 / sqrt(sources).
    pub fn new(sizes: &[usize], leak: u16, reset: Reset, random: &mut Random) -> Self {
        let mut layer = |sources: usize, neurons: usize| {
            let bound = 1.0 / (sources as f32).sqrt();
            let values: Vec<f32> = (0..sources * neurons).map(|_| bound * random.symmetric()).collect();
            Weights { neurons, adam: Adam::new(values.len()), values }
        };
        Self { layers: sizes.windows(2).map(|pair| layer(pair[0], pair[1])).collect(), leak, reset }
    }

    pub fn step(&mut self, gradients: &[Vec<f32>], rate: f32) {
        for (layer, gradient) in self.layers.iter_mut().zip(gradients) {
            layer.adam.step(&mut layer.values, gradient, rate);
        }
    }

    pub fn forget_moments(&mut self) {
        self.layers.iter_mut().for_each(|layer| layer.adam = Adam::new(layer.values.len()));
    }

    /// The step between integers for each layer.
    pub fn scales(&self, bits: WeightBits) -> Vec<f32> {
        self.layers.iter().map(|layer| scale(layer.values.iter().copied(), bits)).collect()
    }

    /// The layers as the forward pass computes them.
    pub fn passes(&self, precision: Precision) -> Vec<Pass> {
        let pass = |(number, layer): (usize, &Weights)| {
            let (weights, threshold, integer) = match precision {
                Precision::Real => (layer.values.clone(), 1.0, None),
                Precision::Integer(bits, scales) => {
                    let s = scales[number];
                    let whole = layer.values.iter().map(|&w| step(w, s, bits)).collect();
                    (whole, (1.0 / s).round().max(1.0), Some(bits))
                }
            };
            Pass { neurons: layer.neurons, weights, threshold, leak: self.leak, integer, reset: self.reset }
        };
        self.layers.iter().enumerate().map(pass).collect()
    }

    /// As layers of a network: real weights, or with `scales` whole ones.
    pub fn layers(&self, bits: WeightBits, scales: Option<&[f32]>) -> Vec<Layer> {
        let precision = scales.map_or(Precision::Real, |scales| Precision::Integer(bits, scales));
        let layer = |pass: Pass| {
            let row = |neuron: usize| pass.weights[neuron..].iter().step_by(pass.neurons).copied().collect();
            Layer {
                weight_bits: bits,
                threshold: pass.threshold,
                leak: self.leak,
                reset: self.reset,
                weights: (0..pass.neurons).map(row).collect(),
                recurrent: None,
            }
        };
        self.passes(precision).into_iter().map(layer).collect()
    }

    /// Share of the samples that the real weights classify rightly.
    pub fn accuracy(&self, samples: &[Sample], code: Code) -> f64 {
        let passes = self.passes(Precision::Real);
        let right = |sample: &&Sample| {
            let mut spikes = code.encode(&sample.pixels);
            for pass in &passes {
                spikes = pass.forward(&spikes).0;
            }
            let mut counts = vec![0; passes.last().map_or(0, |pass| pass.neurons)];
            spikes.iter().flatten().for_each(|&neuron| counts[neuron as usize] += 1);
            classify(&counts) == sample.label as usize
        };
        samples.iter().filter(right).count() as f64 / samples.len().max(1) as f64
    }
}

impl Pass {
    /// Spikes by tick, and the membranes before firing, a row for each tick.
    pub fn forward(&self, input: &[Vec<u16>]) -> (Vec<Vec<u16>>, Vec<f32>) {
        let mut membranes = vec![0f32; self.neurons];
        let mut history = Vec::with_capacity(input.len() * self.neurons);
        let mut spikes = Vec::with_capacity(input.len());
        for due in input {
            for &source in due {
                membranes.iter_mut().zip(self.row(source as usize)).for_each(|(v, w)| *v += w);
            }
            history.extend_from_slice(&membranes);
            let mut fired = vec![];
            for (neuron, v) in membranes.iter_mut().enumerate() {
                if *v >= self.threshold {
                    fired.push(neuron as u16);
                    *v = if self.reset == Reset::Zero { 0.0 } else { *v - self.threshold };
                }
            }
            match self.integer {
                None => membranes.iter_mut().for_each(|v| *v *= self.beta()),
                // Membranes are whole and far below 2^24: f32 holds them exactly.
                Some(bits) => membranes.iter_mut().for_each(|v| *v = tick::leak(*v as i32, self.leak, bits) as f32),
            }
            spikes.push(fired);
        }
        (spikes, history)
    }

    /// The weights of a source.
    pub fn row(&self, source: usize) -> &[f32] {
        &self.weights[source * self.neurons..(source + 1) * self.neurons]
    }

    /// What a membrane keeps from tick to tick.
    pub fn beta(&self) -> f32 {
        self.leak as f32 / LEAK_ONE as f32
    }

    /// How a membrane after firing follows the one before: 1, or 0 where it was reset to 0.
    pub fn kept(&self, fired: bool) -> f32 {
        if fired && self.reset == Reset::Zero { 0.0 } else { 1.0 }
    }
}
