//! The integers that an array computes with, and their direct evaluation, step by step and without an array.

use crate::circuit::engine::{Engine, Outcome};
use crate::circuit::{Projection, Readout};
use crate::coding::{Code, classify};
use crate::data::Sample;
use nernst_spec::WeightBits;
use nernst_spec::tick::{Parameters, chain_sum, update};

/// A network of integers, in the steps of a [`crate::circuit::Circuit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegerNetwork {
    /// Input lines.
    pub inputs: usize,
    /// In an order in which synapses without a delay lead on.
    pub populations: Vec<IntegerPopulation>,
    pub projections: Vec<Projection<i8>>,
    /// Number of the population that is the result.
    pub output: usize,
    pub readout: Readout,
}

/// Neurons of one precision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegerPopulation {
    pub name: String,
    pub weight_bits: WeightBits,
    pub neurons: Vec<IntegerNeuron>,
}

/// A neuron of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegerNeuron {
    pub parameters: Parameters,
    /// Added in every step.
    pub bias: i32,
}

impl IntegerNetwork {
    /// Neurons of the output population.
    pub fn outputs(&self) -> usize {
        self.populations[self.output].neurons.len()
    }

    /// Neurons of all populations.
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|population| population.neurons.len()).sum()
    }

    /// The spikes of the output neurons for these input spikes (lines by step), from resting membranes: as many steps as the input has.
    ///
    /// # Panics
    /// When a line is not below the network's inputs.
    pub fn run(&self, input: &[Vec<u16>]) -> Vec<Vec<u16>> {
        IntegerSimulation::new(self).run(input).0
    }

    /// How many of the samples are classified rightly.
    pub fn correct(&self, samples: &[Sample], code: Code) -> usize {
        let simulation = IntegerSimulation::new(self);
        let right =
            |sample: &&Sample| classify(&simulation.answer(&code.encode(&sample.pixels))) == sample.label as usize;
        samples.iter().filter(right).count()
    }

    /// Share of the samples that are classified rightly.
    pub fn accuracy(&self, samples: &[Sample], code: Code) -> f64 {
        self.correct(samples, code) as f64 / samples.len().max(1) as f64
    }
}

/// A network of integers, ready to be run.
pub struct IntegerSimulation<'a> {
    network: &'a IntegerNetwork,
    engine: Engine<'a, i8>,
}

impl<'a> IntegerSimulation<'a> {
    pub fn new(network: &'a IntegerNetwork) -> Self {
        let sizes = network.populations.iter().map(|population| population.neurons.len()).collect();
        Self { network, engine: Engine::new(network.inputs, sizes, &network.projections, network.output) }
    }

    /// The spikes of the output neurons in each step, ascending, and their membranes after the last.
    ///
    /// # Panics
    /// When a line is not below the network's inputs.
    pub fn run(&self, input: &[Vec<u16>]) -> (Vec<Vec<u16>>, Vec<i32>) {
        let Outcome { fired, membranes } = self.outcome(input);
        // Neurons are numbered as lines are.
        let spikes = fired.into_iter().map(|fired| fired.into_iter().map(|neuron| neuron as u16).collect());
        (spikes.collect(), membranes)
    }

    /// How strongly each output neuron answers: its spikes, or its membrane after the last step.
    ///
    /// # Panics
    /// When a line is not below the network's inputs.
    pub fn answer(&self, input: &[Vec<u16>]) -> Vec<i64> {
        let outcome = self.outcome(input);
        match self.network.readout {
            Readout::Membranes => outcome.membranes.into_iter().map(i64::from).collect(),
            Readout::Spikes => outcome.counts().into_iter().map(i64::from).collect(),
        }
    }

    fn outcome(&self, input: &[Vec<u16>]) -> Outcome<i32> {
        self.engine.run(input, |number, neuron, membrane: i32, due| {
            let population = &self.network.populations[number];
            let IntegerNeuron { parameters, bias } = &population.neurons[neuron];
            // What a chain of cores makes of a sum; of one core's it makes nothing.
            update(chain_sum(membrane + bias + due, population.weight_bits), parameters, population.weight_bits)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::layers::Layer;
    use crate::coding::Coding;
    use crate::network::Network;
    use nernst_spec::tick::Reset;

    const CODE: Code = Code { coding: Coding::Rate, ticks: 16 };

    fn of_layer(weights: Vec<Vec<f32>>, threshold: f32, recurrent: Option<Vec<Vec<f32>>>) -> IntegerNetwork {
        let layer = Layer { threshold, leak: 512, reset: Reset::Zero, weights, recurrent };
        Network::of_layers("net", CODE, WeightBits::Four, &[layer]).integers().unwrap()
    }

    #[test]
    fn a_neuron_counts_to_its_threshold() {
        let network = of_layer(vec![vec![2.0]], 6.0, None);
        let spikes = network.run(&vec![vec![0]; 7]);
        assert_eq!(spikes.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1, 0, 0, 1, 0]);
        assert_eq!(IntegerSimulation::new(&network).answer(&vec![vec![0]; 7]), [2]);
    }

    #[test]
    fn a_bias_counts_like_a_spike_in_every_step() {
        let mut network = of_layer(vec![vec![2.0]], 6.0, None);
        network.populations[0].neurons[0].bias = 3;
        let spikes = network.run(&[vec![], vec![], vec![0], vec![]]);
        assert_eq!(spikes.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1, 0, 1]);
        network.readout = Readout::Membranes;
        assert_eq!(IntegerSimulation::new(&network).answer(&[vec![], vec![], vec![0]]), [5]);
    }

    #[test]
    fn a_recurrent_spike_comes_back_a_tick_later() {
        let ring = of_layer(vec![vec![7.0], vec![0.0]], 7.0, Some(vec![vec![0.0, 7.0], vec![7.0, 0.0]]));
        let spikes = ring.run(&[vec![0], vec![], vec![], vec![]]);
        assert_eq!(spikes, [vec![0], vec![1], vec![0], vec![1]]);
    }
}
