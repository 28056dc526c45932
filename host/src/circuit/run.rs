//! Running a circuit in floating point.

use super::engine::Engine;
use super::{Circuit, Readout};
use crate::coding::{Code, classify};
use crate::data::Sample;
use nernst_spec::tick::Reset;

/// A circuit, ready to be run.
pub struct Simulation<'a> {
    circuit: &'a Circuit,
    engine: Engine<'a, f64>,
}

impl<'a> Simulation<'a> {
    pub fn new(circuit: &'a Circuit) -> Self {
        let sizes = circuit.populations.iter().map(|population| population.neurons.len()).collect();
        Self { circuit, engine: Engine::new(circuit.inputs, sizes, &circuit.projections, circuit.output) }
    }

    /// How strongly each output neuron answers to these input spikes (lines by step), from resting membranes: its spikes, or its
    /// membrane after the last step.
    ///
    /// # Panics
    /// When a line is not below the circuit's inputs.
    pub fn answer(&self, input: &[Vec<u16>]) -> Vec<f64> {
        let outcome = self.engine.run(input, |population, neuron, membrane: f64, due| {
            let neuron = &self.circuit.populations[population].neurons[neuron];
            let v = neuron.decay * membrane + neuron.bias + due;
            match (v >= neuron.threshold, neuron.reset) {
                (false, _) => (false, v),
                (true, Reset::Zero) => (true, 0.0),
                (true, Reset::Subtract) => (true, v - neuron.threshold),
            }
        });
        match self.circuit.readout {
            Readout::Spikes => outcome.counts().into_iter().map(f64::from).collect(),
            Readout::Membranes => outcome.membranes,
        }
    }

    /// Share of the samples whose strongest output, the lowest of equals, is their label.
    pub fn accuracy(&self, samples: &[Sample], code: Code) -> f64 {
        let right = |sample: &&Sample| classify(&self.answer(&code.encode(&sample.pixels))) == sample.label as usize;
        samples.iter().filter(right).count() as f64 / samples.len().max(1) as f64
    }
}
