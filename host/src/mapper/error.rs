//! Why a network has no place on an array.

use super::axons::NoAxon;
use super::netlist::{Cell, Netlist, Origin, Role};
use super::rooms::{Layout, Room, divisions};
use crate::circuit::schedule::LoopError;
use crate::network::QuantiseError;
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, WeightBits};
use std::cmp::Reverse;

#[derive(Debug, thiserror::Error, PartialEq)]
pub enum MapError {
    #[error(transparent)]
    Quantise(#[from] QuantiseError),
    #[error(transparent)]
    Loop(#[from] LoopError),
    /// A limit of the array, with numbers.
    #[error("network `{network}` does not fit configuration {config}: {limit}; {help}")]
    DoesNotFit { network: String, config: String, limit: String, help: String },
}

/// The limits that no placement can get round.
pub(super) fn check_limits(netlist: &Netlist, config: &ArrayConfig) -> Result<(), String> {
    if netlist.lines > config.inputs {
        let more = match netlist.extra.len() {
            0 => String::new(),
            extra => format!(" ({extra} of them for biases and for inputs that are heard after several delays)"),
        };
        return Err(format!("it needs {} input lines{more}, {} has {}", netlist.lines, config.name, config.inputs));
    }
    for bits in [WeightBits::Four, WeightBits::Eight] {
        let cells = || netlist.cells.iter().filter(|cell| cell.weight_bits == bits);
        let cores = || config.cores.iter().filter(|core| core.weight_bits == bits);
        let (needed, lanes) = (cells().count(), cores().map(CoreConfig::all_neurons).sum::<usize>());
        if needed > lanes {
            let helpers = cells().filter(|cell| cell.role != Role::Neuron).count();
            let more = match helpers {
                0 => String::new(),
                helpers => format!(" ({helpers} of them twins and relays for delays)"),
            };
            let cores_needed = match cores().map(CoreConfig::all_neurons).max() {
                Some(most) => format!(", {} cores of such", needed.div_ceil(most)),
                None => String::new(),
            };
            return Err(format!(
                "it needs {needed} neurons of {bits}{more}{cores_needed}, {} has {lanes} {bits} lanes in {} cores",
                config.name,
                cores().count()
            ));
        }
        let (what, axons) = widest(config, bits);
        if let Some(cell) = cells().max_by_key(|cell| cell.heard.len()).filter(|cell| cell.heard.len() > axons) {
            return Err(format!(
                "{} hears {} sources, {what} has {axons} axons",
                netlist.title(cell),
                cell.heard.len()
            ));
        }
    }
    Ok(())
}

/// Whether the lanes of a layout suffice, for cells in the order of what they hear.
pub(super) fn could_hold(netlist: &Netlist, layout: &Layout) -> bool {
    [WeightBits::Four, WeightBits::Eight].into_iter().all(|bits| {
        let cells = netlist.cells.iter().filter(|cell| cell.weight_bits == bits);
        let mut heard: Vec<usize> = cells.map(|cell| cell.heard.len()).collect();
        heard.sort_unstable_by(|a, b| b.cmp(a));
        // The n-th widest cell needs n lanes in rooms with as many axons.
        let lanes = |axons: usize| {
            let rooms = layout.rooms.iter().filter(|room| room.weight_bits == bits && room.axons >= axons);
            rooms.map(|room| room.lanes).sum::<usize>()
        };
        let mut widths = heard.clone();
        widths.dedup();
        widths.into_iter().all(|width| heard.iter().filter(|heard| **heard >= width).count() <= lanes(width))
    })
}

/// What has most axons, and how many.
fn widest(config: &ArrayConfig, bits: WeightBits) -> (&'static str, usize) {
    let whole = vec![Contexts::ONE; config.cores.len()];
    let layouts = divisions(config, &[bits]).into_iter().map(|chains| Layout::new(config, &whole, &chains, false));
    let rooms = layouts.flat_map(|layout| layout.rooms).filter(|room| room.weight_bits == bits);
    // Of equals the shortest chain.
    let most = rooms.max_by_key(|room| (room.axons, Reverse(room.cores.len())));
    let what = |room: &Room| if room.cores.len() > 1 { "a chain of cores" } else { "a core" };
    most.map_or(("a core", 0), |room| (what(&room), room.axons))
}

pub(super) fn no_room(netlist: &Netlist, config: &ArrayConfig, cell: &Cell) -> String {
    let alike = netlist.cells.iter().filter(|other| other.population == cell.population).count();
    let (what, axons) = widest(config, cell.weight_bits);
    format!(
        "no core has a lane and {} axons left for {} ({alike} {} neurons) beside the others ({what} has {axons} axons)",
        cell.heard.len(),
        netlist.title(cell),
        cell.weight_bits
    )
}

pub(super) fn no_axon(netlist: &Netlist, layout: &Layout, NoAxon { emitter, rooms }: &NoAxon) -> String {
    let source = match netlist.emitters[*emitter].origin {
        Origin::Input(input) => format!("input {input}"),
        Origin::Constant(_) => "a bias".into(),
        Origin::Cell(cell) => netlist.title(&netlist.cells[cell as usize]),
    };
    let axons = rooms.iter().map(|&room| layout.rooms[room].axons).min().unwrap_or(0);
    let numbers: Vec<String> = rooms.iter().map(|&room| layout.rooms[room].core().to_string()).collect();
    format!("none of the {axons} axons is free for {source} in all of cores {}", numbers.join(", "))
}
