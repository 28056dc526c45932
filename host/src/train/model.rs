//! A circuit in training: its parameters, which synapses share them, and what the forward pass makes of them.

use super::adam::Adam;
use super::pass::{Neurons, Pass};
use crate::circuit::{Circuit, Neuron, Projection, Source, Synapse};
use crate::network::{scale, step};
use nernst_spec::WeightBits;
use nernst_spec::tick::{LEAK_ONE, max_threshold};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which neurons have a step between their integers in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// All of a population.
    Layer,
    /// Those that share weights (a channel of a convolution), otherwise each its own.
    Neuron,
}

/// The step between integers for each neuron of each population, in the unit of its parameters.
pub(super) type Scales = Vec<Vec<f32>>;

/// Which weights the forward pass uses.
#[derive(Clone, Copy)]
pub(super) enum Precision<'a> {
    Real,
    /// Integers, in these steps.
    Integer(&'a Scales),
}

/// A circuit whose weights and biases can be moved.
///
/// All parameters are in one list. Those of a population are in its unit, the threshold of its first neuron: what neurons hear is told in
/// thresholds, so that one learning rate fits networks in any unit.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// Neurons and synapses as they were given. Weights and biases are in `parameters`.
    circuit: Circuit,
    bits: Vec<WeightBits>,
    pub parameters: Vec<f32>,
    pub adam: Adam,
    pub ways: Vec<Way>,
    /// For each projection the parameter of each synapse.
    of_synapse: Vec<Vec<u32>>,
    pub populations: Vec<Layout>,
    /// Parameters of pairs without a synapse, within matrices.
    holes: Vec<u32>,
}

/// What the trainer knows of a population.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    unit: f64,
    /// Thresholds in the unit, infinite ones included.
    thresholds: Vec<f32>,
    /// The parameter of each neuron's bias; empty where there is none.
    biases: Vec<u32>,
    /// The parameters of the weights that it hears.
    weights: Vec<u32>,
    /// The same by neurons that share some.
    heard: Vec<Vec<u32>>,
    /// Each neuron's place in `heard`.
    group: Vec<u32>,
    /// Its membranes are compared with each other, so they are in one unit.
    compared: bool,
}

/// Synapses of one projection that have one delay.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub from: Source,
    pub to: usize,
    pub delay: usize,
    pub links: Links,
}

/// Which parameter leads from which source to which target.
#[derive(Clone, Debug)]
pub(super) enum Links {
    /// All pairs: a row of parameters for each source, the first of them here.
    Rows { first: usize },
    /// Some pairs. Those of a source are from `starts[source]` to `starts[source + 1]`.
    Lists { starts: Vec<u32>, targets: Vec<u32>, weights: Vec<u32> },
}

impl Model {
    /// `biases`: each neuron has one, those that are given 0, too.
    pub fn new(circuit: Circuit, bits: Vec<WeightBits>, biases: bool) -> Self {
        let units: Vec<f64> = circuit.populations.iter().map(|population| unit(&population.neurons)).collect();
        let mut parameters: Vec<f32> = vec![];
        let (mut ways, mut of_synapse, mut holes) = (vec![], vec![], vec![]);
        for projection in &circuit.projections {
            let unit = units[projection.to];
            let sources = circuit.sources(projection.from);
            let targets = circuit.populations[projection.to].neurons.len();
            let mut own = vec![0; projection.synapses.len()];
            let mut delays: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for (place, synapse) in projection.synapses.iter().enumerate() {
                delays.entry(synapse.delay).or_default().push(place);
            }
            let mut shared: BTreeMap<u64, u32> = BTreeMap::new();
            for (delay, places) in delays {
                let first = parameters.len();
                let mut value_of = |weight: f64| {
                    parameters.push((weight / unit) as f32);
                    parameters.len() as u32 - 1
                };
                let is_matrix = !projection.tied && 2 * places.len() >= sources * targets;
                let links = if is_matrix {
                    (0..sources * targets).for_each(|_| _ = value_of(0.0));
                    let mut is_hole = vec![true; sources * targets];
                    for &place in &places {
                        let Synapse { source, target, weight, .. } = projection.synapses[place];
                        let at = source as usize * targets + target as usize;
                        parameters[first + at] = (weight / unit) as f32;
                        own[place] = (first + at) as u32;
                        is_hole[at] = false;
                    }
                    holes.extend(
                        is_hole.iter().enumerate().filter(|(_, hole)| **hole).map(|(at, _)| (first + at) as u32),
                    );
                    Links::Rows { first }
                } else {
                    for &place in &places {
                        let weight = projection.synapses[place].weight;
                        own[place] = match projection.tied {
                            true => *shared.entry(weight.to_bits()).or_insert_with(|| value_of(weight)),
                            false => value_of(weight),
                        };
                    }
                    lists(projection, &places, &own, sources)
                };
                ways.push(Way { from: projection.from, to: projection.to, delay: delay as usize, links });
            }
            of_synapse.push(own);
        }
        let mut populations = vec![];
        for (number, population) in circuit.populations.iter().enumerate() {
            let compared = number == circuit.output && population.neurons.iter().all(|n| n.threshold.is_infinite());
            let layout = Layout::new(&circuit, number, units[number], &of_synapse, compared);
            populations.push(layout);
            if biases || population.neurons.iter().any(|neuron| neuron.bias != 0.0) {
                add_biases(&mut populations[number], &population.neurons, &mut parameters);
            }
        }
        let adam = Adam::new(parameters.len());
        Self { circuit, bits, parameters, adam, ways, of_synapse, populations, holes }
    }

    pub fn inputs(&self) -> usize {
        self.circuit.inputs
    }

    pub fn sources(&self, from: Source) -> usize {
        self.circuit.sources(from)
    }

    pub fn output(&self) -> usize {
        self.circuit.output
    }

    /// Neurons of each population.
    pub fn sizes(&self) -> Vec<usize> {
        self.populations.iter().map(|layout| layout.group.len()).collect()
    }

    /// Moves the parameters against their gradient.
    pub fn step(&mut self, gradient: &mut [f32], rate: f32) {
        self.holes.iter().for_each(|&hole| gradient[hole as usize] = 0.0);
        self.adam.step(&mut self.parameters, gradient, rate);
    }

    pub fn forget_moments(&mut self) {
        self.adam = Adam::new(self.parameters.len());
    }

    /// The step between integers for each neuron; 0 where all weights are 0.
    pub fn scales(&self, grain: Grain) -> Scales {
        let of = |layout: &Layout, bits: WeightBits| {
            let of_weights = |places: &[u32]| scale(places.iter().map(|&at| self.parameters[at as usize]), bits);
            if grain == Grain::Layer || layout.compared {
                vec![of_weights(&layout.weights); layout.group.len()]
            } else {
                let of_groups: Vec<f32> = layout.heard.iter().map(|places| of_weights(places)).collect();
                layout.group.iter().map(|&group| of_groups[group as usize]).collect()
            }
        };
        self.populations.iter().zip(&self.bits).map(|(layout, &bits)| of(layout, bits)).collect()
    }

    /// The circuit as the forward pass computes it.
    pub fn pass<'m>(&'m self, precision: Precision) -> Pass<'m> {
        let mut values = self.parameters.clone();
        let mut neurons = vec![];
        for (number, layout) in self.populations.iter().enumerate() {
            let given = &self.circuit.populations[number].neurons;
            let (bits, count) = (self.bits[number], given.len());
            let finite = |value: f32| if value.is_finite() { value } else { 1.0 };
            let (thresholds, units): (Vec<f32>, Vec<f32>) = match precision {
                Precision::Real => layout.thresholds.iter().map(|&t| (t, 1.0 / finite(t))).unzip(),
                Precision::Integer(scales) => {
                    let scales = &scales[number];
                    let most = max_threshold(bits) as f32;
                    for (neuron, &s) in scales.iter().enumerate() {
                        for &at in &layout.heard[layout.group[neuron] as usize] {
                            values[at as usize] = whole(self.parameters[at as usize], s, bits);
                        }
                        if let Some(&at) = layout.biases.get(neuron) {
                            let bias = self.parameters[at as usize];
                            values[at as usize] = if s > 0.0 { (bias / s).round().clamp(-most, most) } else { 0.0 };
                        }
                    }
                    let of = |(&threshold, &s): (&f32, &f32)| match (threshold.is_finite(), s > 0.0) {
                        (false, true) => (f32::INFINITY, s),
                        (false, false) => (f32::INFINITY, 1.0),
                        (true, true) => {
                            let steps = (threshold / s).round().clamp(1.0, most);
                            (steps, 1.0 / steps)
                        }
                        (true, false) => (1.0, 1.0),
                    };
                    layout.thresholds.iter().zip(scales).map(of).unzip()
                }
            };
            let common = units[0];
            neurons.push(Neurons {
                thresholds,
                ratios: units.iter().map(|unit| unit / common).collect(),
                common,
                fans: layout.thresholds.iter().map(|&t| 1.0 / finite(t)).collect(),
                units,
                betas: match precision {
                    Precision::Real => given.iter().map(|neuron| neuron.decay as f32).collect(),
                    Precision::Integer(_) => given.iter().map(|n| f32::from(leak(n)) / f32::from(LEAK_ONE)).collect(),
                },
                leaks: given.iter().map(leak).collect(),
                resets: given.iter().map(|neuron| neuron.reset).collect(),
                biases: match layout.biases.is_empty() {
                    true => vec![0.0; count],
                    false => layout.biases.iter().map(|&at| values[at as usize]).collect(),
                },
                integer: matches!(precision, Precision::Integer(_)).then_some(bits),
            });
        }
        Pass::new(self, values, neurons, self.circuit.readout)
    }

    /// Where the bias of a neuron is among the parameters.
    pub fn bias(&self, population: usize) -> &[u32] {
        &self.populations[population].biases
    }

    /// The circuit with the real weights of now, in the units in which it was given.
    pub fn circuit(&self) -> Circuit {
        let mut circuit = self.circuit.clone();
        let value =
            |at: u32, population: usize| f64::from(self.parameters[at as usize]) * self.populations[population].unit;
        for (projection, own) in circuit.projections.iter_mut().zip(&self.of_synapse) {
            let to = projection.to;
            projection.synapses.iter_mut().zip(own).for_each(|(synapse, &at)| synapse.weight = value(at, to));
        }
        for (number, population) in circuit.populations.iter_mut().enumerate() {
            let biases = &self.populations[number].biases;
            population.neurons.iter_mut().zip(biases).for_each(|(neuron, &at)| neuron.bias = value(at, number));
        }
        circuit
    }

    /// The circuit of the array's integers in these steps: what [`Precision::Integer`] computes with. A weight of 0 is no synapse.
    pub fn integers(&self, scales: &Scales) -> Circuit {
        let pass = self.pass(Precision::Integer(scales));
        let mut circuit = self.circuit.clone();
        for (projection, own) in circuit.projections.iter_mut().zip(&self.of_synapse) {
            let values = own.iter().map(|&at| f64::from(pass.values[at as usize]));
            projection.synapses.iter_mut().zip(values).for_each(|(synapse, value)| synapse.weight = value);
            projection.synapses.retain(|synapse| synapse.weight != 0.0);
        }
        for (population, integers) in circuit.populations.iter_mut().zip(&pass.neurons) {
            for (place, neuron) in population.neurons.iter_mut().enumerate() {
                neuron.threshold = integers.thresholds[place].into();
                neuron.decay = f64::from(integers.leaks[place]) / f64::from(LEAK_ONE);
                neuron.bias = integers.biases[place].into();
            }
        }
        circuit
    }
}

impl Layout {
    fn new(circuit: &Circuit, number: usize, unit: f64, of_synapse: &[Vec<u32>], compared: bool) -> Self {
        let given = &circuit.populations[number].neurons;
        let mut pairs: Vec<(u32, u32, bool)> = vec![];
        for (projection, own) in circuit.projections.iter().zip(of_synapse).filter(|(p, _)| p.to == number) {
            let of_projection = projection.synapses.iter().zip(own);
            pairs.extend(of_projection.map(|(synapse, &at)| (at, synapse.target, projection.tied)));
        }
        let group = groups(given.len(), &pairs);
        let mut heard = vec![vec![]; group.iter().max().map_or(0, |most| *most as usize + 1)];
        let mut weights: Vec<u32> = pairs.iter().map(|(at, ..)| *at).collect();
        pairs.iter().for_each(|(at, target, _)| heard[group[*target as usize] as usize].push(*at));
        for list in heard.iter_mut().chain([&mut weights]) {
            list.sort_unstable();
            list.dedup();
        }
        let thresholds = given.iter().map(|neuron| (neuron.threshold / unit) as f32).collect();
        Self { unit, thresholds, biases: vec![], weights, heard, group, compared }
    }
}

/// Numbers neurons from 0 such that those which share a parameter have one number.
fn groups(neurons: usize, pairs: &[(u32, u32, bool)]) -> Vec<u32> {
    let mut sets = petgraph::unionfind::UnionFind::<u32>::new(neurons);
    let mut first: BTreeMap<u32, u32> = BTreeMap::new();
    for &(at, target, _) in pairs.iter().filter(|(.., tied)| *tied) {
        sets.union(*first.entry(at).or_insert(target), target);
    }
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    let number = |set: u32| {
        let next = numbers.len() as u32;
        *numbers.entry(set).or_insert(next)
    };
    sets.into_labeling().into_iter().map(number).collect()
}

/// A bias for each neuron; those of a group that start equal stay equal.
fn add_biases(layout: &mut Layout, neurons: &[Neuron], parameters: &mut Vec<f32>) {
    let mut shared: BTreeMap<(u32, u64), u32> = BTreeMap::new();
    for (neuron, &group) in neurons.iter().zip(&layout.group) {
        let at = *shared.entry((group, neuron.bias.to_bits())).or_insert_with(|| {
            parameters.push((neuron.bias / layout.unit) as f32);
            parameters.len() as u32 - 1
        });
        layout.biases.push(at);
    }
}

/// The threshold of the first neuron that has one.
fn unit(neurons: &[Neuron]) -> f64 {
    neurons.iter().map(|neuron| neuron.threshold).find(|threshold| threshold.is_finite()).unwrap_or(1.0)
}

fn lists(projection: &Projection, places: &[usize], own: &[u32], sources: usize) -> Links {
    let mut starts = vec![0; sources + 1];
    places.iter().for_each(|&place| starts[projection.synapses[place].source as usize + 1] += 1);
    (0..sources).for_each(|source| starts[source + 1] += starts[source]);
    let targets = places.iter().map(|&place| projection.synapses[place].target).collect();
    Links::Lists { starts, targets, weights: places.iter().map(|&place| own[place]).collect() }
}

fn leak(neuron: &Neuron) -> u16 {
    (neuron.decay * f64::from(LEAK_ONE)).round().clamp(0.0, f64::from(LEAK_ONE)) as u16
}

fn whole(weight: f32, s: f32, bits: WeightBits) -> f32 {
    if s > 0.0 { step(weight, s, bits) } else { 0.0 }
}
