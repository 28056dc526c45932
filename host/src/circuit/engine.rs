//! Steps of a network, whatever its numbers are: who hears whom, and when.

use super::{Outgoing, Projection, Source};
use std::ops::AddAssign;

/// A network's synapses by source, ready to be run.
pub(crate) struct Engine<'a, W> {
    /// Neurons of each population.
    sizes: Vec<usize>,
    /// Of the input lines, then of each population.
    outgoing: Vec<Vec<Outgoing<'a, W>>>,
    /// Steps that a spike can be on its way, and the one in which it starts: slots for what is under way.
    depth: usize,
    output: usize,
}

/// What a run gave of the output population.
pub(crate) struct Outcome<V> {
    /// Neurons that fired in each step, ascending.
    pub fired: Vec<Vec<usize>>,
    /// After the last step.
    pub membranes: Vec<V>,
}

/// What arrives at a population, by step (modulo the depth) and neuron; and its membranes.
struct State<V> {
    due: Vec<Vec<V>>,
    membranes: Vec<V>,
}

impl<'a, W: Copy> Engine<'a, W> {
    /// `sizes`: neurons of each population. `output`: number of the population whose spikes are of interest.
    pub fn new(inputs: usize, sizes: Vec<usize>, projections: &'a [Projection<W>], output: usize) -> Self {
        let of = |from: Source, sources: usize| -> Vec<Outgoing<W>> {
            let projections = projections.iter().filter(|projection| projection.from == from);
            projections.map(|projection| Outgoing::new(projection, sources)).collect()
        };
        let mut outgoing = vec![of(Source::Inputs, inputs)];
        outgoing.extend(sizes.iter().enumerate().map(|(number, &size)| of(Source::Population(number), size)));
        let delays = projections.iter().flat_map(|projection| &projection.synapses).map(|synapse| synapse.delay);
        Self { sizes, outgoing, depth: 1 + delays.max().unwrap_or(0) as usize, output }
    }

    /// Runs these input spikes (lines by step) from resting membranes. `update` is given population, neuron, membrane and what arrives, and says
    /// whether the neuron fires, and its membrane afterwards.
    ///
    /// # Panics
    /// When a line is not below the inputs.
    pub fn run<V: Copy + Default + AddAssign + From<W>>(
        &self,
        input: &[Vec<u16>],
        mut update: impl FnMut(usize, usize, V, V) -> (bool, V),
    ) -> Outcome<V> {
        let rest = |&size: &usize| State {
            due: vec![vec![V::default(); size]; self.depth],
            membranes: vec![V::default(); size],
        };
        let mut states: Vec<State<V>> = self.sizes.iter().map(rest).collect();
        let mut outcome = vec![];
        for (step, lines) in input.iter().enumerate() {
            lines.iter().for_each(|&line| self.send(&mut states, step, 0, line as usize));
            for number in 0..states.len() {
                let State { due, membranes } = &mut states[number];
                let due = &mut due[step % self.depth];
                let mut fired = vec![];
                for (neuron, (membrane, due)) in membranes.iter_mut().zip(due).enumerate() {
                    let (fires, after) = update(number, neuron, *membrane, std::mem::take(due));
                    *membrane = after;
                    if fires {
                        fired.push(neuron);
                    }
                }
                fired.iter().for_each(|&neuron| self.send(&mut states, step, number + 1, neuron));
                if number == self.output {
                    outcome.push(fired);
                }
            }
        }
        Outcome { fired: outcome, membranes: states.swap_remove(self.output).membranes }
    }

    /// A spike of a neuron, or of a line at place 0, goes to all that hear it.
    fn send<V: AddAssign + From<W>>(&self, states: &mut [State<V>], step: usize, place: usize, source: usize) {
        for outgoing in &self.outgoing[place] {
            for synapse in outgoing.of(source) {
                let due = &mut states[outgoing.to].due[(step + synapse.delay as usize) % self.depth];
                due[synapse.target as usize] += synapse.weight.into();
            }
        }
    }
}

impl<V> Outcome<V> {
    /// Spikes of each neuron.
    pub fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.membranes.len()];
        self.fired.iter().flatten().for_each(|&neuron| counts[neuron] += 1);
        counts
    }
}
