//! The integers that an array computes with, and their direct evaluation, step by step and without an array.

use crate::circuit::{Outgoing, Projection, Readout, Source, Synapse};
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

/// A network of integers with its synapses by source, ready to be run.
pub struct IntegerSimulation<'a> {
    network: &'a IntegerNetwork,
    /// Of the input lines, then of each population.
    outgoing: Vec<Vec<Outgoing<'a, i8>>>,
    depth: usize,
}

/// What arrives at a population, by step (modulo the depth) and neuron; and its membranes.
struct State {
    due: Vec<Vec<i32>>,
    membranes: Vec<i32>,
}

impl<'a> IntegerSimulation<'a> {
    pub fn new(network: &'a IntegerNetwork) -> Self {
        let of = |from: Source, sources: usize| {
            let projections = network.projections.iter().filter(|projection| projection.from == from);
            projections.map(|projection| Outgoing::new(projection, sources)).collect()
        };
        let populations = network.populations.iter().enumerate();
        let of_populations =
            populations.map(|(number, population)| of(Source::Population(number), population.neurons.len()));
        Self {
            network,
            outgoing: std::iter::once(of(Source::Inputs, network.inputs)).chain(of_populations).collect(),
            depth: crate::circuit::depth(&network.projections),
        }
    }

    /// The spikes of the output neurons in each step, ascending, and their membranes after the last.
    ///
    /// # Panics
    /// When a line is not below the network's inputs.
    pub fn run(&self, input: &[Vec<u16>]) -> (Vec<Vec<u16>>, Vec<i32>) {
        let network = self.network;
        let rest = |population: &IntegerPopulation| State {
            due: vec![vec![0; population.neurons.len()]; self.depth],
            membranes: vec![0; population.neurons.len()],
        };
        let mut states: Vec<State> = network.populations.iter().map(rest).collect();
        let mut spikes = vec![];
        for (step, lines) in input.iter().enumerate() {
            for &line in lines {
                self.send(&mut states, step, 0, line as usize);
            }
            let mut result = vec![];
            for (number, population) in network.populations.iter().enumerate() {
                let mut fired = vec![];
                let State { due, membranes } = &mut states[number];
                let due = &mut due[step % self.depth];
                for (neuron, IntegerNeuron { parameters, bias }) in population.neurons.iter().enumerate() {
                    // What a chain of cores makes of a sum; of one core's it makes nothing.
                    let v =
                        chain_sum(membranes[neuron] + bias + std::mem::take(&mut due[neuron]), population.weight_bits);
                    let (spike, after) = update(v, parameters, population.weight_bits);
                    membranes[neuron] = after;
                    if spike {
                        fired.push(neuron as u16);
                    }
                }
                for &neuron in &fired {
                    self.send(&mut states, step, number + 1, neuron as usize);
                }
                if number == network.output {
                    result = fired;
                }
            }
            spikes.push(result);
        }
        (spikes, states.swap_remove(network.output).membranes)
    }

    /// How strongly each output neuron answers: its spikes, or its membrane after the last step.
    pub fn answer(&self, input: &[Vec<u16>]) -> Vec<i64> {
        let (spikes, membranes) = self.run(input);
        match self.network.readout {
            Readout::Membranes => membranes.into_iter().map(i64::from).collect(),
            Readout::Spikes => {
                let mut counts = vec![0; membranes.len()];
                spikes.iter().flatten().for_each(|&neuron| counts[neuron as usize] += 1);
                counts
            }
        }
    }

    /// A spike of a neuron, or of a line at place 0, goes to all that hear it.
    fn send(&self, states: &mut [State], step: usize, place: usize, source: usize) {
        for outgoing in &self.outgoing[place] {
            for &Synapse { target, weight, delay, .. } in outgoing.of(source) {
                states[outgoing.to].due[(step + delay as usize) % self.depth][target as usize] += i32::from(weight);
            }
        }
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
