//! A circuit as the forward pass computes it, and one sample's way through it.

use super::model::{Links, Model, Way};
use crate::circuit::Source;
use nernst_spec::WeightBits;
use nernst_spec::image::Readout;
use nernst_spec::tick::{self, Reset};

/// Weights, real or whole, and the neurons that they are for.
pub(super) struct Pass<'m> {
    pub model: &'m Model,
    /// By parameter.
    pub values: Vec<f32>,
    pub neurons: Vec<Neurons>,
    pub readout: Readout,
    ways: Vec<WayValues>,
    /// By population: which ways lead there.
    into: Vec<Vec<usize>>,
    /// By population: which ways lead on, those to itself last.
    pub onward: Vec<Vec<usize>>,
}

/// Neurons of a population, a value for each.
pub(super) struct Neurons {
    pub thresholds: Vec<f32>,
    /// What a membrane keeps from step to step.
    pub betas: Vec<f32>,
    /// The same in 512ths.
    pub leaks: Vec<u16>,
    pub resets: Vec<Reset>,
    pub biases: Vec<f32>,
    /// Thresholds (or units of a membrane that never fires) in a membrane of 1: `common` times `ratios`.
    pub units: Vec<f32>,
    pub common: f32,
    pub ratios: Vec<f32>,
    /// Thresholds that a parameter of 1 stands for.
    pub fans: Vec<f32>,
    /// The precision whose integer arithmetic the membranes follow.
    pub integer: Option<WeightBits>,
}

/// A way's weights as loops want them.
enum WayValues {
    /// The matrix with a row for each target; empty where nothing goes back.
    Rows { transposed: Vec<f32> },
    /// A weight for each of the list.
    Lists { values: Vec<f32> },
}

/// What happened in a sample.
pub(super) struct Trace {
    /// Of the inputs, then of each population: who fired in each step.
    pub spikes: Vec<Vec<Vec<u16>>>,
    /// Of each population the membranes before firing, a row for each step.
    pub membranes: Vec<Vec<f32>>,
    /// The output's membranes after the last step.
    #[cfg_attr(not(test), allow(dead_code))]
    pub last: Vec<f32>,
}

impl Trace {
    pub fn of(&self, from: Source) -> &[Vec<u16>] {
        match from {
            Source::Inputs => &self.spikes[0],
            Source::Population(number) => &self.spikes[number + 1],
        }
    }
}

impl<'m> Pass<'m> {
    pub fn new(model: &'m Model, values: Vec<f32>, neurons: Vec<Neurons>, readout: Readout) -> Self {
        let of_way = |way: &Way| match &way.links {
            Links::Rows { .. } if way.from == Source::Inputs => WayValues::Rows { transposed: vec![] },
            Links::Rows { first } => {
                let (sources, targets) = (model.sources(way.from), neurons[way.to].thresholds.len());
                let mut transposed = vec![0f32; sources * targets];
                for source in 0..sources {
                    for target in 0..targets {
                        transposed[target * sources + source] = values[first + source * targets + target];
                    }
                }
                WayValues::Rows { transposed }
            }
            Links::Lists { weights, .. } => {
                WayValues::Lists { values: weights.iter().map(|&at| values[at as usize]).collect() }
            }
        };
        let ways = model.ways.iter().map(of_way).collect();
        let all = || model.ways.iter().enumerate();
        let into =
            |population: usize| all().filter(|(_, way)| way.to == population).map(|(number, _)| number).collect();
        let onward = |population: usize| {
            let mut ways: Vec<usize> =
                all().filter(|(_, way)| way.from == Source::Population(population)).map(|(number, _)| number).collect();
            ways.sort_by_key(|&number| model.ways[number].to == population);
            ways
        };
        let count = neurons.len();
        Self {
            model,
            ways,
            into: (0..count).map(into).collect(),
            onward: (0..count).map(onward).collect(),
            values,
            neurons,
            readout,
        }
    }

    /// Runs a sample from resting membranes.
    pub fn forward(&self, input: Vec<Vec<u16>>) -> Trace {
        let steps = input.len();
        let mut now: Vec<Vec<f32>> = self.neurons.iter().map(|n| vec![0f32; n.thresholds.len()]).collect();
        let mut membranes: Vec<Vec<f32>> = now.iter().map(|v| Vec::with_capacity(v.len() * steps)).collect();
        let mut spikes = vec![input];
        spikes.extend(self.neurons.iter().map(|_| Vec::with_capacity(steps)));
        for step in 0..steps {
            for (number, neurons) in self.neurons.iter().enumerate() {
                let v = &mut now[number];
                neurons.add_biases(v);
                for &way in &self.into[number] {
                    let Some(then) = step.checked_sub(self.model.ways[way].delay) else { continue };
                    let place = match self.model.ways[way].from {
                        Source::Inputs => 0,
                        Source::Population(from) => from + 1,
                    };
                    for &source in &spikes[place][then] {
                        self.send(way, source as usize, v);
                    }
                }
                membranes[number].extend_from_slice(v);
                let fired = neurons.fire(v);
                spikes[number + 1].push(fired);
            }
        }
        Trace { spikes, membranes, last: now.swap_remove(self.model.output()) }
    }

    /// How strongly each output neuron answers: its spikes, or its membrane before the last step's leak in the unit of the parameters.
    pub fn answer(&self, trace: &Trace) -> Vec<f32> {
        let output = self.model.output();
        let count = self.neurons[output].thresholds.len();
        match self.readout {
            Readout::Spikes => {
                let mut counts = vec![0f32; count];
                trace.spikes[output + 1].iter().flatten().for_each(|&neuron| counts[neuron as usize] += 1.0);
                counts
            }
            Readout::Membranes => {
                let all = &trace.membranes[output];
                let last = &all[all.len() - count..];
                last.iter().zip(&self.neurons[output].units).map(|(v, unit)| v * unit).collect()
            }
        }
    }

    /// A spike's weights, added to the membranes of a way's targets.
    fn send(&self, way: usize, source: usize, v: &mut [f32]) {
        match (&self.model.ways[way].links, &self.ways[way]) {
            (Links::Lists { starts, targets, .. }, WayValues::Lists { values }) => {
                let range = starts[source] as usize..starts[source + 1] as usize;
                targets[range.clone()].iter().zip(&values[range]).for_each(|(&target, w)| v[target as usize] += w);
            }
            (Links::Rows { first }, _) => {
                let row = &self.values[first + source * v.len()..][..v.len()];
                v.iter_mut().zip(row).for_each(|(v, w)| *v += w);
            }
            (Links::Lists { .. }, WayValues::Rows { .. }) => unreachable!("values are made of the links"),
        }
    }

    /// Adds by how much the loss rises with a spike of each source of a way, from what it rises with its targets' membranes (these in
    /// shares of `ratios`).
    pub fn back(&self, way: usize, of_targets: &[f32], of_sources: &mut [f32], sums: &mut Vec<f32>) {
        let common = self.neurons[self.model.ways[way].to].common;
        match (&self.model.ways[way].links, &self.ways[way]) {
            (_, WayValues::Rows { transposed }) => {
                sums.clear();
                sums.resize(of_sources.len(), 0.0);
                for (row, &d) in transposed.chunks_exact(of_sources.len()).zip(of_targets) {
                    sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += w * d);
                }
                of_sources.iter_mut().zip(&*sums).for_each(|(all, sum)| *all += sum * common);
            }
            (Links::Lists { starts, targets, .. }, WayValues::Lists { values }) => {
                for (source, all) in of_sources.iter_mut().enumerate() {
                    let range = starts[source] as usize..starts[source + 1] as usize;
                    let pairs = targets[range.clone()].iter().zip(&values[range]);
                    *all += pairs.map(|(&target, w)| w * of_targets[target as usize]).sum::<f32>() * common;
                }
            }
            (Links::Rows { .. }, WayValues::Lists { .. }) => unreachable!("values are made of the links"),
        }
    }

    /// Adds what a spike of a source makes of the gradient, from what the loss rises with its targets (these in shares of `fans`).
    pub fn collect(&self, way: usize, source: usize, of_targets: &[f32], gradient: &mut [f32]) {
        match &self.model.ways[way].links {
            Links::Rows { first } => {
                let row = &mut gradient[first + source * of_targets.len()..][..of_targets.len()];
                row.iter_mut().zip(of_targets).for_each(|(g, d)| *g += d);
            }
            Links::Lists { starts, targets, weights } => {
                let range = starts[source] as usize..starts[source + 1] as usize;
                for (&target, &at) in targets[range.clone()].iter().zip(&weights[range]) {
                    gradient[at as usize] += of_targets[target as usize];
                }
            }
        }
    }
}

impl Neurons {
    fn add_biases(&self, v: &mut [f32]) {
        v.iter_mut().zip(&self.biases).for_each(|(v, bias)| *v += bias);
    }

    /// Who fires; membranes are reset and leak.
    fn fire(&self, membranes: &mut [f32]) -> Vec<u16> {
        let mut fired = vec![];
        for (neuron, v) in membranes.iter_mut().enumerate() {
            if *v >= self.thresholds[neuron] {
                fired.push(neuron as u16);
                *v = if self.resets[neuron] == Reset::Zero { 0.0 } else { *v - self.thresholds[neuron] };
            }
        }
        match self.integer {
            None => membranes.iter_mut().zip(&self.betas).for_each(|(v, beta)| *v *= beta),
            // Membranes are whole and far below 2^24: f32 holds them exactly.
            Some(bits) => membranes
                .iter_mut()
                .zip(&self.leaks)
                .for_each(|(v, &leak)| *v = tick::leak(*v as i32, leak, bits) as f32),
        }
        fired
    }

    /// How a membrane after firing follows the one before: 1, or 0 where it was reset to 0.
    pub fn kept(&self, neuron: usize, v: f32) -> f32 {
        if v >= self.thresholds[neuron] && self.resets[neuron] == Reset::Zero { 0.0 } else { 1.0 }
    }
}
