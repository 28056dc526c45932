//! The integers that an array computes with, and their direct evaluation layer by layer.

use crate::coding::{Code, classify};
use crate::data::Sample;
use nernst_spec::WeightBits;
use nernst_spec::tick::{Parameters, update};

/// A network of integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegerNetwork {
    pub layers: Vec<IntegerLayer>,
}

/// A layer of integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegerLayer {
    pub weight_bits: WeightBits,
    pub neurons: usize,
    /// The same for every neuron.
    pub parameters: Parameters,
    /// One row for each source, with one weight for each neuron.
    pub rows: Vec<Vec<i8>>,
    /// One row for each neuron, with one weight for each neuron.
    pub recurrent: Option<Vec<Vec<i8>>>,
}

impl IntegerNetwork {
    /// Neurons of the last layer.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.neurons)
    }

    /// The spikes of the last layer's neurons for these input spikes (lines by tick), from resting membranes.
    ///
    /// Each layer is run on its own time: its tick t is tick t + layer of the array, where a layer hears the one before a
    /// tick later. So the result has as many ticks as the input, and its tick t is the array's tick t + layers - 1.
    ///
    /// # Panics
    /// When a line is not below the inputs of the first layer.
    pub fn run(&self, input: &[Vec<u16>]) -> Vec<Vec<u16>> {
        self.layers.iter().fold(input.to_vec(), |spikes, layer| layer.run(&spikes))
    }

    /// Spikes of each output neuron.
    pub fn counts(&self, input: &[Vec<u16>]) -> Vec<u32> {
        let mut counts = vec![0; self.outputs()];
        self.run(input).iter().flatten().for_each(|&neuron| counts[neuron as usize] += 1);
        counts
    }

    /// How many of the samples are classified rightly.
    pub fn correct(&self, samples: &[Sample], code: Code) -> usize {
        let right = |sample: &&Sample| classify(&self.counts(&code.encode(&sample.pixels))) == sample.label as usize;
        samples.iter().filter(right).count()
    }

    /// Share of the samples that are classified rightly.
    pub fn accuracy(&self, samples: &[Sample], code: Code) -> f64 {
        self.correct(samples, code) as f64 / samples.len().max(1) as f64
    }
}

impl IntegerLayer {
    fn run(&self, input: &[Vec<u16>]) -> Vec<Vec<u16>> {
        let mut membranes = vec![0i32; self.neurons];
        let mut fired: Vec<u16> = vec![];
        let tick = |due: &Vec<u16>| {
            let own = self.recurrent.iter().flat_map(|rows| fired.iter().map(|&source| &rows[source as usize]));
            for row in due.iter().map(|&source| &self.rows[source as usize]).chain(own) {
                membranes.iter_mut().zip(row).for_each(|(v, &weight)| *v += weight as i32);
            }
            fired.clear();
            for (neuron, v) in membranes.iter_mut().enumerate() {
                let (spike, after) = update(*v, &self.parameters, self.weight_bits);
                *v = after;
                if spike {
                    fired.push(neuron as u16);
                }
            }
            fired.clone()
        };
        input.iter().map(tick).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nernst_spec::tick::Reset;

    fn layer(rows: Vec<Vec<i8>>, threshold: u32, recurrent: Option<Vec<Vec<i8>>>) -> IntegerLayer {
        let parameters = Parameters { threshold, leak: 512, reset: Reset::Zero };
        IntegerLayer { weight_bits: WeightBits::Four, neurons: rows[0].len(), parameters, rows, recurrent }
    }

    #[test]
    fn a_neuron_counts_to_its_threshold() {
        let network = IntegerNetwork { layers: vec![layer(vec![vec![2]], 6, None)] };
        let spikes = network.run(&vec![vec![0]; 7]);
        assert_eq!(spikes.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1, 0, 0, 1, 0]);
        assert_eq!(network.counts(&vec![vec![0]; 7]), [2]);
    }

    #[test]
    fn a_recurrent_spike_comes_back_a_tick_later() {
        let ring = layer(vec![vec![7, 0]], 7, Some(vec![vec![0, 7], vec![7, 0]]));
        let spikes = IntegerNetwork { layers: vec![ring] }.run(&[vec![0], vec![], vec![], vec![]]);
        assert_eq!(spikes, [vec![0], vec![1], vec![0], vec![1]]);
    }
}
