//! Places a network on an array: which neuron sits in which lane, which axon hears which source, and every route.
//!
//! ```text
//! network ─► integers ─► reduced ─► netlist ─► partition ─► axons ─► image
//!          quantise    reduce     netlist    partition    axons    emit
//! ```
//!
//! | step | |
//! |---|---|
//! | [`mod@reduce`] | neurons that cannot fire, that the output does not hear, or that another one stands for, are left out |
//! | `netlist` | steps become ticks; delays that a route does not have, and several delays of one source, become relays, twins and further input lines; biases become lines that spike in every step |
//! | `partition` | neurons go to rooms (the lanes of a core in one of its contexts) such that spikes go to as few rooms as possible |
//! | `axons` | a source has one axon number for all the cores that hear it, since a route holds one |
//! | `emit` | the image |
//!
//! Communication comes first: of several ways to begin the partition the one with the fewest destinations of spikes is kept, of equal ones that whose
//! fullest core hears fewest, which makes the shortest tick. Cores get several contexts only where the lanes do not suffice, and are chained
//! ([`nernst_spec::chain`]) only where the axons do not: then the rows of a neuron are split over the cores of a chain, whose partial sums reach one membrane. Where it costs nothing, a
//! core keeps the lanes free with which it counts weights other than 0 ([`nernst_spec::settings`]). The image computes what the network of integers
//! does, spike for spike; the same network and array give the same image.
//!
//! Synapse rows are not shared between the sources of a convolution: an event reads one row in all tiles of a core, so two sources with the same
//! weights for neurons of different tiles still need a row each.

mod axons;
mod emit;
mod error;
pub mod fit;
mod netlist;
mod partition;
mod placement;
pub mod reduce;
mod rooms;

pub use error::MapError;
pub use placement::{CorePlacement, Placement, PopulationPlacement};

use crate::circuit::schedule::LoopError;
use crate::network::{IntegerNetwork, Network};
use nernst_spec::image::Image;
use nernst_spec::{ArrayConfig, Contexts, WeightBits};
use netlist::Netlist;
use partition::{Partition, STRATEGIES};
use reduce::Reduced;
use rooms::{Layout, divisions};

/// How to map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Neurons without an effect on the result have a place, too.
    pub keep_all: bool,
}

/// The image of a network for an array, and a report of where everything went.
pub fn compile(network: &Network, config: &ArrayConfig) -> Result<(Image, Placement), MapError> {
    compile_with(network, config, Options::default())
}

/// As [`compile`], with options.
pub fn compile_with(network: &Network, config: &ArrayConfig, options: Options) -> Result<(Image, Placement), MapError> {
    lay_out(network, config, options)?.map_err(|limit| MapError::DoesNotFit {
        network: network.name.clone(),
        config: config.name.clone(),
        limit,
        help: help(network, options),
    })
}

/// As [`compile_with`]; where the network does not fit, the limit that it meets.
fn lay_out(
    network: &Network,
    config: &ArrayConfig,
    options: Options,
) -> Result<Result<(Image, Placement), String>, MapError> {
    let integers = network.integers()?;
    let (reduced, netlist) = integers_to_netlist(&integers, options)?;
    Ok(place(&netlist, config).map(|mapped| {
        let image = mapped.image(network, &netlist, config);
        let placement = Placement::of(network, &integers, &reduced, &netlist, config, &mapped, &image);
        (image, placement)
    }))
}

/// What is to be placed.
fn integers_to_netlist(integers: &IntegerNetwork, options: Options) -> Result<(Reduced, Netlist), LoopError> {
    let reduced = if options.keep_all { reduce::whole(integers) } else { reduce::reduce(integers) };
    let mut netlist = Netlist::new(&reduced.network)?;
    // Who reads an error knows the network as it was.
    netlist.cells.iter_mut().for_each(|cell| cell.neuron = reduced.origins[cell.population][cell.neuron as usize]);
    Ok((reduced, netlist))
}

/// A netlist on an array.
struct Mapped {
    layout: Layout,
    /// Whether the lanes are free that a core counts weights other than 0 with.
    counting: Vec<bool>,
    /// Of each cell: its room and its lane there.
    lanes: Vec<(usize, usize)>,
    /// Of each emitter: its axon, and the cores that hear it.
    axons: Vec<(u16, u16)>,
    /// Rooms that spikes go to, over all emitters.
    destinations: usize,
    /// Emitters that the room hears which hears most.
    fullest: usize,
}

/// With as few contexts as it takes, for each costs clocks in every tick, and with as few cores chained, for each costs its lanes.
fn place(netlist: &Netlist, config: &ArrayConfig) -> Result<Mapped, String> {
    error::check_limits(netlist, config)?;
    let most = config.cores.iter().map(|core| core.contexts.log2()).max().unwrap_or_default();
    let mut precisions: Vec<WeightBits> = vec![WeightBits::Four, WeightBits::Eight];
    precisions.retain(|bits| netlist.cells.iter().any(|cell| cell.weight_bits == *bits));
    let mut refusal = None;
    for log2 in 0..=most {
        let contexts: Vec<_> = config.cores.iter().map(|core| core.contexts.min(Contexts::from_log2(log2))).collect();
        for chains in divisions(config, &precisions) {
            // Counting is worth the lanes where there is room for all.
            for counting in [true, false] {
                let layout = Layout::new(config, &contexts, &chains, counting);
                if !error::could_hold(netlist, &layout) {
                    continue;
                }
                match best_attempt(netlist, config, &layout) {
                    Ok(mapped) => return Ok(mapped),
                    Err(what) => refusal = refusal.or(Some(what)),
                }
            }
        }
    }
    Err(refusal.unwrap_or_else(|| "there are not enough lanes in cores with axons for all".into()))
}

/// Of the ways to begin a partition that which ends with the fewest destinations, then with the emptiest fullest room.
fn best_attempt(netlist: &Netlist, config: &ArrayConfig, layout: &Layout) -> Result<Mapped, String> {
    let alike = layout.rooms.windows(2).all(|pair| pair[0].axons == pair[1].axons);
    let strategies = STRATEGIES.into_iter().filter(|strategy| !(alike && strategy.roomy_first));
    let (mapped, refusals): (Vec<_>, Vec<_>) =
        strategies.map(|strategy| attempt(netlist, config, layout, strategy)).partition(Result::is_ok);
    let rank = |mapped: &Mapped| (mapped.destinations, mapped.fullest);
    // The first of equals.
    let best = mapped.into_iter().flatten().min_by_key(rank);
    best.ok_or_else(|| refusals.into_iter().find_map(Result::err).unwrap_or_default())
}

/// One way to place a netlist.
fn attempt(
    netlist: &Netlist,
    config: &ArrayConfig,
    layout: &Layout,
    strategy: partition::Strategy,
) -> Result<Mapped, String> {
    let partition = Partition::new(netlist, layout, strategy)
        .map_err(|cell| error::no_room(netlist, config, &netlist.cells[cell]))?;
    let layout = fewest_contexts(layout, &partition);
    let axons = axons::assign(netlist, config, &layout, &partition)
        .map_err(|no_axon| error::no_axon(netlist, &layout, &no_axon))?;
    // In the order of the network.
    let mut next = vec![0; layout.rooms.len()];
    let mut lanes = vec![];
    for &room in &partition.room_of {
        lanes.push((room, next[room]));
        next[room] += 1;
    }
    // All cores of a chain count, or none.
    let counts = |(core, shape): (usize, &nernst_spec::CoreConfig)| {
        let mut rooms = (0..layout.rooms.len()).filter(|&room| layout.rooms[room].cores.contains(&core));
        shape.can_count()
            && rooms.all(|room| {
                let chain = layout.rooms[room].cores.len();
                shape.can_count_in_chain(chain) && next[room] <= shape.counted_neurons()
            })
    };
    Ok(Mapped {
        counting: config.cores.iter().enumerate().map(counts).collect(),
        lanes,
        axons,
        destinations: partition.destinations(),
        fullest: partition.heard.iter().copied().max().unwrap_or(0),
        layout,
    })
}

/// The same rooms, in cores that are loaded with no more contexts than they use.
fn fewest_contexts(layout: &Layout, partition: &Partition) -> Layout {
    let needed = |(core, &given): (usize, &Contexts)| {
        let rooms = layout.rooms.iter().zip(&partition.used).filter(|(room, used)| room.core() == core && **used > 0);
        let count = rooms.map(|(room, _)| room.context + 1).max().unwrap_or(1);
        // At most as many as the core was given, which is a power of two itself.
        Contexts::try_from(count.next_power_of_two()).unwrap_or(given)
    };
    Layout { contexts: layout.contexts.iter().enumerate().map(needed).collect(), rooms: layout.rooms.clone() }
}

/// Which ready configurations hold the network, if need be with weights of the other precision.
fn help(network: &Network, options: Options) -> String {
    let fitting = |network: &Network| -> Vec<&str> {
        let Ok(integers) = network.integers() else { return vec![] };
        let Ok((_, netlist)) = integers_to_netlist(&integers, options) else { return vec![] };
        let fits = |name: &&str| ArrayConfig::ready(name).is_ok_and(|config| place(&netlist, &config).is_ok());
        ArrayConfig::ready_names().filter(fits).collect()
    };
    let names = fitting(network);
    if !names.is_empty() {
        return format!("ready configurations that hold it: {}", names.join(", "));
    }
    for bits in [WeightBits::Four, WeightBits::Eight] {
        let names = fitting(&network.clone().with_bits(bits));
        if !names.is_empty() {
            return format!("no ready configuration holds it; with --bits {}: {}", bits.bits(), names.join(", "));
        }
    }
    "no ready configuration holds it; make the network smaller, or `nernst fit` a configuration to it".into()
}

#[cfg(test)]
mod tests;
