//! Running a circuit in floating point.

use super::{Circuit, Outgoing, Readout, Source, depth};
use crate::coding::{Code, classify};
use crate::data::Sample;
use nernst_spec::tick::Reset;

/// A circuit with its synapses by source, ready to be run.
pub struct Simulation<'a> {
    circuit: &'a Circuit,
    /// Of the input lines, then of each population.
    outgoing: Vec<Vec<Outgoing<'a, f64>>>,
    /// Steps that a spike can be on its way, and the one in which it starts.
    depth: usize,
}

/// What arrives at a population, by step (modulo the depth) and neuron; and its membranes.
struct State {
    due: Vec<Vec<f64>>,
    membranes: Vec<f64>,
}

impl<'a> Simulation<'a> {
    pub fn new(circuit: &'a Circuit) -> Self {
        let of = |from: Source, sources: usize| {
            let projections = circuit.projections.iter().filter(|projection| projection.from == from);
            projections.map(|projection| Outgoing::new(projection, sources)).collect()
        };
        let populations = circuit.populations.iter().enumerate();
        let of_populations =
            populations.map(|(number, population)| of(Source::Population(number), population.neurons.len()));
        Self {
            circuit,
            outgoing: std::iter::once(of(Source::Inputs, circuit.inputs)).chain(of_populations).collect(),
            depth: depth(&circuit.projections),
        }
    }

    /// How strongly each output neuron answers to these input spikes (lines by step), from resting membranes: its spikes, or its
    /// membrane after the last step.
    ///
    /// # Panics
    /// When a line is not below the circuit's inputs.
    pub fn answer(&self, input: &[Vec<u16>]) -> Vec<f64> {
        let circuit = self.circuit;
        let rest = |population: &super::Population| State {
            due: vec![vec![0.0; population.neurons.len()]; self.depth],
            membranes: vec![0.0; population.neurons.len()],
        };
        let mut states: Vec<State> = circuit.populations.iter().map(rest).collect();
        let mut counts = vec![0.0; circuit.outputs()];
        for (step, lines) in input.iter().enumerate() {
            for &line in lines {
                self.send(&mut states, step, 0, line as usize);
            }
            for (number, population) in circuit.populations.iter().enumerate() {
                let mut fired = vec![];
                let State { due, membranes } = &mut states[number];
                let due = &mut due[step % self.depth];
                for (neuron, parameters) in population.neurons.iter().enumerate() {
                    let v = &mut membranes[neuron];
                    *v = parameters.decay * *v + parameters.bias + std::mem::take(&mut due[neuron]);
                    if *v >= parameters.threshold {
                        fired.push(neuron);
                        *v = match parameters.reset {
                            Reset::Zero => 0.0,
                            Reset::Subtract => *v - parameters.threshold,
                        };
                    }
                }
                for neuron in fired {
                    self.send(&mut states, step, number + 1, neuron);
                    if number == circuit.output {
                        counts[neuron] += 1.0;
                    }
                }
            }
        }
        match circuit.readout {
            Readout::Spikes => counts,
            Readout::Membranes => states.swap_remove(circuit.output).membranes,
        }
    }

    /// A spike of a neuron, or of a line at place 0, goes to all that hear it.
    fn send(&self, states: &mut [State], step: usize, place: usize, source: usize) {
        for outgoing in &self.outgoing[place] {
            for synapse in outgoing.of(source) {
                let due = &mut states[outgoing.to].due[(step + synapse.delay as usize) % self.depth];
                due[synapse.target as usize] += synapse.weight;
            }
        }
    }

    /// Share of the samples whose strongest output, the lowest of equals, is their label.
    pub fn accuracy(&self, samples: &[Sample], code: Code) -> f64 {
        let right = |sample: &&Sample| classify(&self.answer(&code.encode(&sample.pixels))) == sample.label as usize;
        samples.iter().filter(right).count() as f64 / samples.len().max(1) as f64
    }
}
