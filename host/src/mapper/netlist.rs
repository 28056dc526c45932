//! A network in terms of the array: neurons that each send their spikes one way, input lines, ticks instead of steps.
//!
//! A route has one axon and one delay. So what a source must send after different delays comes from several emitters: of an input
//! from several input lines, of a neuron from *twins*, neurons that hear the same and so fire together. A delay above 15 ticks goes over *relays*,
//! neurons that fire when they hear a spike. A bias comes over input lines that the host has spike in every step.

use crate::circuit::schedule::{LoopError, latencies};
use crate::circuit::{Projection, Source, Synapse};
use crate::network::IntegerNetwork;
use nernst_spec::WeightBits;
use nernst_spec::geometry::MAX_DELAY;
use nernst_spec::image::{Driver, Readout};
use nernst_spec::tick::{Parameters, Reset};
use std::collections::BTreeMap;

/// A neuron to be placed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// Population of the network, and the neuron in it that this is, or serves.
    pub population: usize,
    pub neuron: u32,
    pub role: Role,
    pub weight_bits: WeightBits,
    pub parameters: Parameters,
    /// Its number among the network's outputs.
    pub output: Option<usize>,
    /// Emitters and the weights that it hears them with, in their order.
    pub heard: Vec<(u32, i8)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Neuron,
    /// Fires with its neuron, and sends elsewhere.
    Twin,
    /// Fires when it hears a spike.
    Relay,
}

/// Where an emitter's spikes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Origin {
    /// The line of an input, or another one with the same spikes.
    Input(u32),
    /// A line that spikes in every step; of equal delay there may be several.
    Constant(u32),
    Cell(u32),
}

/// What has one route.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Emitter {
    pub origin: Origin,
    /// In ticks: from 0 on of a line, from 1 on of a neuron, to [`MAX_DELAY`].
    pub delay: u8,
    /// Cells that hear it, ascending.
    pub targets: Vec<u32>,
}

/// A network in terms of the array.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Netlist {
    pub cells: Vec<Cell>,
    /// Of the inputs, one each, in their order; then those of other lines; then those of cells.
    pub emitters: Vec<Emitter>,
    /// Input lines: the first of the emitters.
    pub lines: usize,
    /// What the lines after those of the inputs spike with.
    pub extra: Vec<Driver>,
    /// Names of the populations.
    pub names: Vec<String>,
    pub outputs: usize,
    pub readout: Readout,
    /// Ticks that the outputs run behind the inputs.
    pub latency: u32,
}

/// Who hears an origin after so many ticks, with which weight.
type Ways = BTreeMap<(Origin, u32), Vec<(u32, i8)>>;

impl Netlist {
    pub fn new(network: &IntegerNetwork) -> Result<Self, LoopError> {
        let names: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
        let latencies = latencies(&names, &network.projections)?;
        let mut cells = vec![];
        // The first cell of each population.
        let mut first = vec![];
        for (number, population) in network.populations.iter().enumerate() {
            first.push(cells.len() as u32);
            cells.extend(population.neurons.iter().enumerate().map(|(neuron, of)| Cell {
                population: number,
                neuron: neuron as u32,
                role: Role::Neuron,
                weight_bits: population.weight_bits,
                parameters: of.parameters,
                output: (number == network.output).then_some(neuron),
                heard: vec![],
            }));
        }
        let mut ways = Ways::new();
        for projection in &network.projections {
            add_synapses(&mut ways, projection, &first, &latencies);
        }
        add_biases(&mut ways, network, &first, &latencies);
        add_relays(&mut ways, &mut cells);
        add_twins(&mut ways, &mut cells);

        // A line for each input, whether it is heard or not.
        let (mut ordered, mut others): (Vec<_>, Vec<_>) = (vec![], vec![]);
        for input in 0..network.inputs as u32 {
            let origin = Origin::Input(input);
            let key = ways.range((origin, 0)..=(origin, u32::MAX)).next().map(|(key, _)| *key);
            let targets = key.and_then(|key| ways.remove(&key)).unwrap_or_default();
            ordered.push((origin, key.map_or(0, |(_, delay)| delay), targets));
        }
        let mut extra = vec![];
        for ((origin, delay), targets) in ways {
            match origin {
                // At most 4,096 inputs have a place on an array; more are refused with it.
                Origin::Input(input) => extra.push((Driver::Input(input as u16), (origin, delay, targets))),
                Origin::Constant(_) => extra.push((Driver::Constant, (origin, delay, targets))),
                Origin::Cell(_) => others.push((origin, delay, targets)),
            }
        }
        let (extra, lines): (Vec<Driver>, Vec<_>) = extra.into_iter().unzip();
        ordered.extend(lines);
        let lines = ordered.len();
        ordered.extend(others);
        let mut emitters = vec![];
        for (number, (origin, delay, mut targets)) in ordered.into_iter().enumerate() {
            targets.sort_unstable();
            targets.iter().for_each(|&(cell, weight)| cells[cell as usize].heard.push((number as u32, weight)));
            // Relays have seen to it that no delay is longer than a route's.
            let targets = targets.into_iter().map(|(cell, _)| cell).collect();
            emitters.push(Emitter { origin, delay: delay as u8, targets });
        }
        Ok(Self {
            cells,
            emitters,
            lines,
            extra,
            names: names.into_iter().map(String::from).collect(),
            outputs: network.outputs(),
            readout: network.readout,
            latency: latencies[network.output],
        })
    }

    /// A cell, in words.
    pub fn title(&self, cell: &Cell) -> String {
        let of = match cell.role {
            Role::Neuron => "",
            Role::Twin => "a twin of ",
            Role::Relay => "a relay to ",
        };
        format!("{of}neuron {} of `{}`", cell.neuron, self.names[cell.population])
    }
}

fn add_synapses(ways: &mut Ways, projection: &Projection<i8>, first: &[u32], latencies: &[u32]) {
    let to = projection.to;
    for &Synapse { source, target, weight, delay } in &projection.synapses {
        let (origin, latency) = match projection.from {
            Source::Inputs => (Origin::Input(source), 0),
            Source::Population(from) => (Origin::Cell(first[from] + source), latencies[from]),
        };
        // The latencies are such that it is not below 0, and not below 1 of a neuron.
        let ticks = delay + latencies[to] - latency;
        ways.entry((origin, ticks)).or_default().push((first[to] + target, weight));
    }
}

/// A bias is the sum of the weights of as many constant lines as it takes.
fn add_biases(ways: &mut Ways, network: &IntegerNetwork, first: &[u32], latencies: &[u32]) {
    for (number, population) in network.populations.iter().enumerate() {
        let bits = population.weight_bits;
        for (neuron, of) in population.neurons.iter().enumerate() {
            let mut rest = of.bias;
            for line in 0.. {
                let weight = rest.clamp(bits.min_weight(), bits.max_weight());
                if weight == 0 {
                    break;
                }
                let way = ways.entry((Origin::Constant(line), latencies[number])).or_default();
                // In the range of weights.
                way.push((first[number] + neuron as u32, weight as i8));
                rest -= weight;
            }
        }
    }
}

/// A delay that no route has is shared by relays.
fn add_relays(ways: &mut Ways, cells: &mut Vec<Cell>) {
    let longest = u32::from(MAX_DELAY);
    // A relay's own ways are looked at, too: it is behind all others.
    while let Some(&(origin, _)) = ways.keys().find(|(_, delay)| *delay > longest) {
        let of_origin = ways.range((origin, 0)..=(origin, u32::MAX)).map(|(&(_, delay), _)| delay);
        let (short, long): (Vec<u32>, Vec<u32>) = of_origin.partition(|delay| *delay <= longest);
        // It hears what is sent anyway, if there is such.
        let heard_after = short.last().copied().filter(|delay| *delay > 0).unwrap_or(longest);
        let relay = cells.len() as u32;
        let mut later = vec![];
        for delay in long {
            later.push((delay - heard_after, ways.remove(&(origin, delay)).unwrap_or_default()));
        }
        // There is somebody who waits for it.
        let served = cells[later[0].1[0].0 as usize].clone();
        cells.push(Cell {
            role: Role::Relay,
            parameters: Parameters { threshold: 1, leak: 0, reset: Reset::Zero },
            output: None,
            ..served
        });
        for (delay, targets) in later {
            ways.entry((Origin::Cell(relay), delay)).or_default().extend(targets);
        }
        ways.entry((origin, heard_after)).or_default().push((relay, 1));
    }
}

/// A cell with several ways has a twin for each but the one that most cells hear.
fn add_twins(ways: &mut Ways, cells: &mut Vec<Cell>) {
    let mut delays: BTreeMap<u32, Vec<(usize, u32)>> = BTreeMap::new();
    for ((origin, delay), targets) in ways.iter() {
        if let Origin::Cell(cell) = origin {
            delays.entry(*cell).or_default().push((targets.len(), *delay));
        }
    }
    let mut twins: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (cell, mut of_cell) in delays {
        of_cell.sort_unstable_by(|a, b| b.cmp(a));
        for &(_, delay) in &of_cell[1..] {
            let twin = cells.len() as u32;
            cells.push(Cell { role: Role::Twin, output: None, ..cells[cell as usize].clone() });
            twins.entry(cell).or_default().push(twin);
            let targets = ways.remove(&(Origin::Cell(cell), delay)).unwrap_or_default();
            ways.insert((Origin::Cell(twin), delay), targets);
        }
    }
    // They hear what their cell hears.
    for targets in ways.values_mut() {
        let also = targets
            .iter()
            .flat_map(|&(cell, weight)| twins.get(&cell).into_iter().flatten().map(move |&twin| (twin, weight)));
        let also: Vec<(u32, i8)> = also.collect();
        targets.extend(also);
    }
}
