//! Why a network has no place on an array.

use super::netlist::{Cell, Netlist, Origin, Role};
use crate::circuit::schedule::LoopError;
use crate::network::QuantiseError;
use nernst_spec::{ArrayConfig, CoreConfig, WeightBits};

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
        let axons = cores().map(CoreConfig::axons).max().unwrap_or(0);
        if let Some(cell) = cells().find(|cell| cell.heard.len() > axons) {
            return Err(format!(
                "neuron {} of population {} hears {} sources, a core has {axons} axons",
                cell.neuron,
                cell.population,
                cell.heard.len()
            ));
        }
    }
    Ok(())
}

pub(super) fn no_room(netlist: &Netlist, config: &ArrayConfig, cell: &Cell) -> String {
    let alike = netlist.cells.iter().filter(|other| other.population == cell.population).count();
    let cores = config.cores.iter().filter(|core| core.weight_bits == cell.weight_bits);
    format!(
        "no core has a lane and {} axons left for neuron {} of population {} ({alike} {} neurons) beside the others ({} axons a core)",
        cell.heard.len(),
        cell.neuron,
        cell.population,
        cell.weight_bits,
        cores.map(CoreConfig::axons).max().unwrap_or(0)
    )
}

pub(super) fn no_axon(netlist: &Netlist, config: &ArrayConfig, emitter: usize, cores: u16) -> String {
    let source = match netlist.emitters[emitter].origin {
        Origin::Input(input) => format!("input {input}"),
        Origin::Constant(_) => "a bias".into(),
        Origin::Cell(cell) => {
            let Cell { population, neuron, .. } = netlist.cells[cell as usize];
            format!("neuron {neuron} of population {population}")
        }
    };
    let heard_by = || (0..config.cores.len()).filter(|core| cores >> core & 1 == 1);
    let axons = heard_by().map(|core| config.cores[core].axons()).min().unwrap_or(0);
    let numbers: Vec<String> = heard_by().map(|core| core.to_string()).collect();
    format!("none of the {axons} axons is free for {source} in all of cores {}", numbers.join(", "))
}
