//! The network in training: real weights, and what the forward pass makes of them.

use super::adam::Adam;
use crate::circuit::layers::{Layer, Matrix};
use crate::coding::{Code, classify};
use crate::data::{Random, Sample};
use crate::network::{scale, step};
use nernst_spec::WeightBits;
use nernst_spec::tick::{self, LEAK_ONE, Reset};
use std::ops::Range;

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
    /// Input lines or neurons of the layer before.
    sources: usize,
    /// A row for each source with a weight for each neuron, one row after the other; in a recurrent layer a row for each
    /// of its own neurons behind them.
    values: Vec<f32>,
    adam: Adam,
}

/// A layer as the forward pass computes it.
pub(super) struct Pass {
    pub neurons: usize,
    /// Input lines or neurons of the layer before.
    pub sources: usize,
    /// Rows as in [`Weights`], real or whole.
    pub weights: Vec<f32>,
    pub threshold: f32,
    leak: u16,
    /// The precision whose integer arithmetic the leak follows.
    integer: Option<WeightBits>,
    reset: Reset,
}

impl Model {
    /// Uniform random weights within ±1 / sqrt(rows). `sizes`: input lines, then the neurons of each layer. `recurrent`:
    /// every layer but the last hears itself.
    pub fn new(sizes: &[usize], recurrent: bool, leak: u16, reset: Reset, random: &mut Random) -> Self {
        let last = sizes.len() - 2;
        let mut layer = |(number, pair): (usize, &[usize])| {
            let (sources, neurons) = (pair[0], pair[1]);
            let rows = if recurrent && number < last { sources + neurons } else { sources };
            let bound = 1.0 / (rows as f32).sqrt();
            let values: Vec<f32> = (0..rows * neurons).map(|_| bound * random.symmetric()).collect();
            Weights { neurons, sources, adam: Adam::new(values.len()), values }
        };
        Self { layers: sizes.windows(2).enumerate().map(&mut layer).collect(), leak, reset }
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
            let (neurons, sources) = (layer.neurons, layer.sources);
            Pass { neurons, sources, weights, threshold, leak: self.leak, integer, reset: self.reset }
        };
        self.layers.iter().enumerate().map(pass).collect()
    }

    /// As layers of a network: real weights, or with `scales` whole ones.
    pub fn layers(&self, bits: WeightBits, scales: Option<&[f32]>) -> Vec<Layer> {
        let precision = scales.map_or(Precision::Real, |scales| Precision::Integer(bits, scales));
        let layer = |pass: Pass| {
            let matrix = |rows: Range<usize>| -> Matrix {
                let row = |neuron: usize| rows.clone().map(|source| pass.row(source)[neuron]).collect();
                (0..pass.neurons).map(row).collect()
            };
            let own = pass.own();
            Layer {
                threshold: pass.threshold,
                leak: self.leak,
                reset: self.reset,
                weights: matrix(0..pass.sources),
                recurrent: (!own.is_empty()).then(|| matrix(own)),
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
        for tick in 0..input.len() {
            for source in self.due(input, &spikes, tick) {
                membranes.iter_mut().zip(self.row(source)).for_each(|(v, w)| *v += w);
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

    /// The rows that a tick adds: those of the input's spikes, then in a recurrent layer those of its own of the tick
    /// before.
    pub fn due<'a>(
        &self,
        input: &'a [Vec<u16>],
        own: &'a [Vec<u16>],
        tick: usize,
    ) -> impl Iterator<Item = usize> + use<'a> {
        let first = self.own().start;
        let before = tick.checked_sub(1).filter(|_| !self.own().is_empty());
        let echo = before.into_iter().flat_map(|before| &own[before]);
        input[tick].iter().map(|&source| source as usize).chain(echo.map(move |&neuron| first + neuron as usize))
    }

    /// The rows of the layer's own neurons; none where it does not hear itself.
    pub fn own(&self) -> Range<usize> {
        self.sources..self.weights.len() / self.neurons
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
