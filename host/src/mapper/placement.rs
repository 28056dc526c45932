//! The report of a placement.

use super::Mapped;
use super::netlist::{Netlist, Origin, Role};
use super::reduce::Reduced;
use super::rooms::Room;
use crate::network::{IntegerNetwork, Network};
use nernst_spec::image::{Driver, Image};
use nernst_spec::{ArrayConfig, CoreConfig, WeightBits, timing};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Where a network went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placement {
    pub network: String,
    pub config: String,
    /// Ticks that one sample takes, and of these those that the output runs behind the inputs.
    pub ticks: u32,
    pub latency: u32,
    pub input_lines: usize,
    pub input_lines_available: usize,
    /// Of the input lines those that spike in every step, for biases.
    pub constant_lines: usize,
    /// Left out, because the result is the same without them: neurons that nothing can make fire, that the output does not hear, and
    /// that another one stands for.
    pub silent: usize,
    pub unheard: usize,
    pub merged: usize,
    /// Neurons beside the network's: twins and relays.
    pub twins: usize,
    pub relays: usize,
    /// Cores that a spike goes to, on average over all sources that somebody hears.
    pub fan_out: f64,
    /// Clocks that the slowest core takes for a tick without any event, and for one in which every source fires.
    pub clocks_silent: u64,
    pub clocks_busiest: u64,
    /// Which resource is used up most, and how much of it.
    pub binding: Binding,
    pub cores: Vec<CorePlacement>,
    pub populations: Vec<PopulationPlacement>,
}

/// What stands nearest to its limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Binding {
    pub resource: String,
    pub used: usize,
    pub available: usize,
}

/// What a core holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorePlacement {
    pub weight_bits: WeightBits,
    /// Contexts that it is loaded with.
    pub contexts: usize,
    /// The core that fires for it, where that is another one: it is chained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chained_to: Option<usize>,
    /// Neurons, and lanes for them in all contexts.
    pub lanes_used: usize,
    pub lanes: usize,
    /// Rows (axons) with a weight other than 0, and those that it has.
    pub rows_used: usize,
    pub rows: usize,
    /// It counts the weights other than 0 that it adds.
    pub counts_nonzero: bool,
    /// Clocks of a tick in which every source fires.
    pub clocks_busiest: u64,
    /// Populations with a part here, by name.
    pub populations: Vec<String>,
}

/// Where a population is and what it costs to reach it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PopulationPlacement {
    pub name: String,
    /// Neurons of the network, and of these those that have a place.
    pub neurons: usize,
    pub placed: usize,
    pub weight_bits: WeightBits,
    /// Of the network's neurons: the lowest and the highest.
    pub threshold: (u32, u32),
    pub leak: (u16, u16),
    /// Weights other than 0 that have a place.
    pub synapses: usize,
    pub cores: Vec<usize>,
    /// Sources that some of its neurons hear.
    pub sources: usize,
    /// Cores that a spike of one of them is sent to, on average.
    pub fan_out: f64,
}

/// The smallest and the largest.
fn span<T: Ord + Copy + Default>(values: impl Iterator<Item = T> + Clone) -> (T, T) {
    (values.clone().min().unwrap_or_default(), values.max().unwrap_or_default())
}

/// Clocks of a core for a tick in which all of these axons have an event, and for one without any.
fn clocks(shape: &CoreConfig, contexts: nernst_spec::Contexts, axons: &BTreeSet<u16>) -> (u64, u64) {
    let groups = shape.banks * timing::GROUPS;
    let mut events = vec![0u64; groups];
    axons.iter().for_each(|&axon| {
        events[axon as usize / timing::GROUP_BITS] |= 1 << (axon as usize % timing::GROUP_BITS);
    });
    let of = |groups: &[u64]| groups.iter().map(|&events| timing::group_clocks(events, 0)).collect::<Vec<_>>();
    let count = contexts.count();
    if count == 1 {
        let silent = timing::banks_clocks(&of(&vec![0; groups]));
        let turn = if axons.is_empty() { 0 } else { timing::turn_clocks(shape) };
        return (timing::banks_clocks(&of(&events)) + turn, silent);
    }
    let share = timing::GROUPS / count;
    let passed = timing::CHOICE_CLOCKS + timing::PASS_OVERHEAD + share as u64;
    let of_context = |events: &[u64]| {
        if events.iter().all(|events| *events == 0) {
            return passed;
        }
        let walk = timing::context_walk_clocks(of(events));
        timing::CHOICE_CLOCKS + timing::load_clocks(shape) + walk + timing::turn_clocks(shape)
    };
    let busiest = events.chunks(share).take(count).map(of_context).sum::<u64>();
    (timing::CHOICE_START + busiest, timing::CHOICE_START + count as u64 * passed)
}

/// Clocks of the slowest room for a tick in which every source fires.
pub(super) fn tick_clocks(mapped: &Mapped, config: &ArrayConfig) -> u64 {
    let cores: Vec<u64> = (0..config.cores.len()).map(|core| core_clocks(mapped, config, core).0).collect();
    let of_room = |room: &Room| {
        // The cores of a chain turn when the last of them has walked, one after the other.
        let slowest = cores[room.cores.clone()].iter().copied().max().unwrap_or(0);
        slowest + timing::CHAIN_OFFSET * (room.cores.len() as u64 - 1)
    };
    mapped.layout.rooms.iter().map(of_room).max().unwrap_or(0)
}

/// Axons of a core that hear an emitter.
fn axons_of(mapped: &Mapped, core: usize) -> BTreeSet<u16> {
    let heard = mapped.axons.iter().filter(|(_, cores)| cores >> core & 1 == 1);
    heard.map(|(axon, _)| *axon).collect()
}

/// The last core of the chain that a core is in.
fn chain_of(mapped: &Mapped, core: usize) -> Option<usize> {
    let room = mapped.layout.rooms.iter().find(|room| room.cores.contains(&core) && room.cores.len() > 1);
    room.map(|room| room.core())
}

/// Clocks of a core for a tick in which every source fires, and for one without any event.
fn core_clocks(mapped: &Mapped, config: &ArrayConfig, core: usize) -> (u64, u64) {
    let (shape, axons) = (&config.cores[core], axons_of(mapped, core));
    let (busiest, silent) = clocks(shape, mapped.layout.contexts[core], &axons);
    // It turns with its chain whoever has an event.
    let turn = if chain_of(mapped, core).is_some() && axons.is_empty() { timing::turn_clocks(shape) } else { 0 };
    (busiest + turn, silent)
}

impl Placement {
    pub(super) fn of(
        network: &Network,
        integers: &IntegerNetwork,
        reduced: &Reduced,
        netlist: &Netlist,
        config: &ArrayConfig,
        mapped: &Mapped,
        image: &Image,
    ) -> Self {
        let core_of = |cell: usize| mapped.layout.rooms[mapped.lanes[cell].0].core();
        let of_core = |core: usize| (0..netlist.cells.len()).filter(move |&cell| core_of(cell) == core);
        let name = |population: usize| integers.populations[population].name.clone();
        let heard: Vec<&(u16, u16)> = mapped.axons.iter().filter(|(_, cores)| *cores != 0).collect();
        let mut clocks_silent = 0;
        let core = |(number, shape): (usize, &CoreConfig)| {
            let contexts = mapped.layout.contexts[number];
            let (clocks_busiest, silent) = core_clocks(mapped, config, number);
            clocks_silent = clocks_silent.max(silent);
            let populations: BTreeSet<usize> = of_core(number).map(|cell| netlist.cells[cell].population).collect();
            CorePlacement {
                weight_bits: shape.weight_bits,
                contexts: contexts.count(),
                chained_to: chain_of(mapped, number).filter(|&last| last != number),
                lanes_used: of_core(number).count(),
                lanes: contexts.count() * shape.neurons(),
                rows_used: axons_of(mapped, number).len(),
                rows: contexts.count() * contexts.axons(shape),
                counts_nonzero: mapped.counting[number],
                clocks_busiest,
                populations: populations.into_iter().map(name).collect(),
            }
        };
        let cores: Vec<CorePlacement> = config.cores.iter().enumerate().map(core).collect();
        let population = |(number, population): (usize, &crate::network::IntegerPopulation)| {
            let cells = || netlist.cells.iter().enumerate().filter(move |(_, cell)| cell.population == number);
            let sources: BTreeSet<u32> = cells().flat_map(|(_, cell)| cell.heard.iter().map(|(e, _)| *e)).collect();
            let origins: BTreeSet<Origin> = sources.iter().map(|&e| netlist.emitters[e as usize].origin).collect();
            let destinations: u32 = sources.iter().map(|&e| mapped.axons[e as usize].1.count_ones()).sum();
            let neurons = population.neurons.iter();
            PopulationPlacement {
                name: population.name.clone(),
                neurons: neurons.len(),
                placed: reduced.origins[number].len(),
                weight_bits: population.weight_bits,
                threshold: span(neurons.clone().map(|neuron| neuron.parameters.threshold)),
                leak: span(neurons.map(|neuron| neuron.parameters.leak)),
                synapses: cells().map(|(_, cell)| cell.heard.len()).sum(),
                cores: BTreeSet::from_iter(cells().map(|(cell, _)| core_of(cell))).into_iter().collect(),
                sources: origins.len(),
                fan_out: f64::from(destinations) / sources.len().max(1) as f64,
            }
        };
        let role = |role: Role| netlist.cells.iter().filter(|cell| cell.role == role).count();
        let destinations: u32 = heard.iter().map(|(_, cores)| cores.count_ones()).sum();
        Self {
            network: network.name.clone(),
            config: config.name.clone(),
            ticks: image.ticks,
            latency: image.latency,
            input_lines: netlist.lines,
            input_lines_available: config.inputs,
            constant_lines: netlist.extra.iter().filter(|driver| **driver == Driver::Constant).count(),
            silent: reduced.silent,
            unheard: reduced.unheard,
            merged: reduced.merged,
            twins: role(Role::Twin),
            relays: role(Role::Relay),
            fan_out: f64::from(destinations) / heard.len().max(1) as f64,
            clocks_silent,
            clocks_busiest: tick_clocks(mapped, config),
            binding: binding(netlist, config, &cores),
            populations: integers.populations.iter().enumerate().map(population).collect(),
            cores,
        }
    }
}

/// The resource of which the largest share is used: lanes and rows of the fullest core, lanes of all, input lines.
fn binding(netlist: &Netlist, config: &ArrayConfig, cores: &[CorePlacement]) -> Binding {
    let mut resources: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (number, core) in cores.iter().enumerate() {
        resources.insert(format!("rows of core {number}"), (core.rows_used, core.rows));
    }
    for bits in [WeightBits::Four, WeightBits::Eight] {
        let lanes = config.cores.iter().filter(|core| core.weight_bits == bits).map(CoreConfig::all_neurons).sum();
        let used = netlist.cells.iter().filter(|cell| cell.weight_bits == bits).count();
        resources.insert(format!("{bits} lanes"), (used, lanes));
    }
    resources.insert("input lines".into(), (netlist.lines, config.inputs));
    let share = |(used, available): (usize, usize)| used as f64 / available.max(1) as f64;
    let most = resources.into_iter().max_by(|(_, a), (_, b)| share(*a).total_cmp(&share(*b)));
    // There are always input lines.
    let (resource, (used, available)) = most.unwrap_or_default();
    Binding { resource, used, available }
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    if items.is_empty() {
        return "-".into();
    }
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// One number, or two that differ.
fn range<T: fmt::Display + PartialEq>((low, high): &(T, T)) -> String {
    if low == high { low.to_string() } else { format!("{low}-{high}") }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "{} on {}: {} ticks a sample", self.network, self.config, self.ticks)?;
        write!(f, "input lines {} of {}", self.input_lines, self.input_lines_available)?;
        if self.constant_lines > 0 {
            write!(f, ", {} of them spike in every step, for biases", self.constant_lines)?;
        }
        writeln!(f)?;
        for (count, what) in [
            (self.silent, "nothing can make fire"),
            (self.unheard, "the output does not hear"),
            (self.merged, "others stand for, which hear the same"),
        ] {
            if count > 0 {
                writeln!(f, "left out: {count} neurons that {what}")?;
            }
        }
        if self.twins + self.relays > 0 {
            writeln!(f, "added for delays: {} twins, {} relays", self.twins, self.relays)?;
        }
        writeln!(
            f,
            "a spike goes to {:.2} cores; a tick takes {} clocks without events, {} when every source fires",
            self.fan_out, self.clocks_silent, self.clocks_busiest
        )?;
        let Binding { resource, used, available } = &self.binding;
        writeln!(f, "nearest to its limit: {resource}, {used} of {available}")?;
        writeln!(f)?;
        let width = self.populations.iter().map(|population| population.name.len()).max().unwrap_or(0).max(10);
        writeln!(
            f,
            "{:<width$}  neurons  weights  synapses  threshold  leak         sources  fan-out  cores",
            "population"
        )?;
        for population in &self.populations {
            writeln!(
                f,
                "{:<width$}  {:>7}  {:>7}  {:>8}  {:>9}  {:<11}  {:>7}  {:>7.2}  {}",
                population.name,
                population.neurons,
                population.weight_bits.to_string(),
                population.synapses,
                range(&population.threshold),
                format!("{}/512", range(&population.leak)),
                population.sources,
                population.fan_out,
                list(&population.cores)
            )?;
        }
        writeln!(f)?;
        writeln!(f, "core  weights  contexts  lanes          rows         counts  clocks  populations")?;
        for (number, core) in self.cores.iter().enumerate() {
            writeln!(
                f,
                "{number:>4}  {:>7}  {:>8}  {:<13}  {:<11}  {:<6}  {:>6}  {}",
                core.weight_bits.to_string(),
                core.contexts,
                format!("{} of {}", core.lanes_used, core.lanes),
                format!("{} of {}", core.rows_used, core.rows),
                if core.counts_nonzero { "all" } else { "no" },
                core.clocks_busiest,
                match core.chained_to {
                    Some(last) => format!("chained to core {last}"),
                    None => list(&core.populations),
                }
            )?;
        }
        Ok(())
    }
}
