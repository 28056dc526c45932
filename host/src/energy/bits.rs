//! Bits that one event of a counter moves, written down once.
//!
//! Each bit is counted at one counter, so that a sum over all counters counts none twice. A counter that is not in the
//! match below moves no bits of its own: it counts the same events in another way, frames whose bytes are counted, or
//! time.

use super::counters::{self, Place, group_name};
use crate::report::RunReport;
use nernst_spec::CoreConfig;
use nernst_spec::geometry::{MAX_DELAY, ROW_BITS};

/// Bits of a byte on the link: 8 and its start and stop bit (8N1).
pub const LINK_BYTE_BITS: u64 = 10;

/// Bits to tell so many things apart.
fn number_bits(things: usize) -> u64 {
    things.next_power_of_two().ilog2() as u64
}

/// Bits for one event of a counter of the array; `cores` are all of its cores.
///
/// | counter | bits |
/// |---|---|
/// | `bus_transfers` | the route's core mask, axon and delay, once on the bus |
/// | `bus_destinations` | 1: an axon's bit set in a scheduler |
/// | `link_bytes_in`, `link_bytes_out` | [`LINK_BYTE_BITS`] |
///
/// Spikes from and to the host are in the link's bytes.
pub fn of_array(counter: &str, cores: &[CoreConfig]) -> Option<u64> {
    let axons = cores.iter().map(CoreConfig::axons).max().unwrap_or(0);
    match counter {
        "bus_transfers" => Some(cores.len() as u64 + number_bits(axons) + number_bits(MAX_DELAY as usize + 1)),
        "bus_destinations" => Some(1),
        "link_bytes_in" | "link_bytes_out" => Some(LINK_BYTE_BITS),
        _ => None,
    }
}

/// Bits for one event of a counter of a core of this shape, in an array of these cores.
///
/// | counter | bits |
/// |---|---|
/// | `events` | 1: the axon's bit, taken out of the scheduler |
/// | `spikes` | the neuron's number in the array, on its way to the router |
/// | `rows_fetched` | 36: the row of a block RAM, zero weights included |
/// | `synaptic_operations` | the membrane, written back by its adder |
/// | `neuron_updates` | the membrane, once through the neuron unit |
/// | `context_loads` | two rows for each lane of every tile read, one of them (the membrane) written back |
pub fn of_core(counter: &str, core: &CoreConfig, cores: &[CoreConfig]) -> Option<u64> {
    let neurons = cores.iter().map(CoreConfig::all_neurons).sum();
    match counter {
        "events" => Some(1),
        "spikes" => Some(number_bits(neurons)),
        "rows_fetched" => Some(ROW_BITS as u64),
        "synaptic_operations" | "neuron_updates" => Some(core.membrane_bits() as u64),
        "context_loads" => Some(3 * core.neurons() as u64 * ROW_BITS as u64),
        _ => None,
    }
}

/// Whether a counter counts on the link to the host, which is no part of the array.
pub fn on_link(counter: &str) -> bool {
    matches!(counter, "link_bytes_in" | "link_bytes_out")
}

/// Bits that one counter of a run moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Name of the counter.
    pub counter: &'static str,
    /// Name of its group.
    pub group: String,
    /// Events, exact.
    pub count: u64,
    /// Bits: exact, by the definitions above.
    pub bits: u128,
    /// See [`on_link`].
    pub on_link: bool,
}

/// What every counter of a run moved, in the order of the ledger. Counters that the run lacks and those that move no
/// bits are left out.
pub fn moved(run: &RunReport) -> Vec<Moved> {
    let shapes: Vec<CoreConfig> = run.cores.iter().map(|core| core.shape).collect();
    let product = |count: &u64, bits: u64| *count as u128 * bits as u128;
    let of = |counter: counters::Counter| {
        let name = counter.definition.name;
        let bits = match counter.place {
            Place::Array => product(run.ledger.array.get(name)?, of_array(name, &shapes)?),
            Place::Core => {
                let cores = run.ledger.cores.iter().zip(&shapes);
                let each = cores.map(|(core, shape)| Some(product(core.get(name)?, of_core(name, shape, &shapes)?)));
                each.sum::<Option<u128>>()?
            }
        };
        let (group, count) = (group_name(counter.definition.group), run.ledger.total(name)?);
        Some(Moved { counter: name, group, count, bits, on_link: on_link(name) })
    };
    counters::all().filter_map(of).collect()
}
