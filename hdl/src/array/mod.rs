//! The array: cores on a spike bus, and the ledger that counts what they do.
//!
//! ```text
//! link ── Array ─┬─ AddressDecoder
//!                ├─ Ledger ── CoreTallies .. ── Tally .., ValueTable .., Budget
//!                ├─ Router ── RouteTable
//!                └─ CoreSlot .. ── Core ─┬─ Scheduler ── Unpacker
//!                                        ├─ Ring .. ─┬─ Tile .. or BankedTile ..
//!                                        │           └─ NeuronUnit
//!                                        ├─ ContextFlags, StateRows, ChainLink
//!                                        └─ SpikeQueue ── Unpacker
//! ```
//!
//! | block | what it is | block RAM |
//! |---|---|---|
//! | [`tile`] | one block RAM of weights and its lanes | 1 |
//! | [`banked_tile`] | the same with a second bank: two block RAMs read at once, and their weights summed | 2 |
//! | [`neuron_unit`] | fire, reset and leak, one membrane per clock | |
//! | [`ring`] | one to three tiles whose membranes turn through a neuron unit | |
//! | [`scheduler`] | which axons of a bank have an event in which tick | 1 |
//! | [`unpacker`] | from words of flags to the numbers of those that are set | |
//! | [`spike_queue`] | spikes of a turn on their way to the bus | |
//! | [`context_flags`] | which contexts have a membrane other than 0 | |
//! | [`state_rows`] | where the neurons of a context rest, and which tiles they come from or go to | |
//! | [`chain_link`] | when the cores of a chain turn | |
//! | [`core`] | rings that hear the same axons, and the control of a tick | |
//! | [`core_slot`] | a core of any kind | |
//! | [`route_table`] | a route for each neuron or input line | 1 for 512 |
//! | [`router`] | from a spike to the cores and the host that hear it | |
//! | [`address_decoder`] | where an address of the memory leads, and whether there is a word | |
//! | [`ledger`] | the counters, made of [`tally`], [`core_tallies`] and [`value_table`] | |
//! | [`budget`] | a limit to what they may cost | |
//! | [`optional`] | a part that some shapes of a block have and others have not | |
//! | [`bus`] | what travels between the array's control and its cores, and between the cores of a chain | |
//! | [`array`](mod@array) | all of it, and the control of ticks, resets and memory accesses | |
//!
//! Every block works on the rising edge of one clock and starts with all zeros. The crate's tests run each block, and the
//! whole array, beside their generated Verilog and compare every output in every clock.

pub mod address_decoder;
#[allow(clippy::module_inception)]
pub mod array;
pub mod banked_tile;
pub mod budget;
pub mod bus;
pub mod chain_link;
pub mod context_flags;
pub mod core;
pub mod core_slot;
pub mod core_tallies;
pub mod count_ones;
pub mod delay;
pub mod ledger;
pub mod lowest_bit;
pub mod neuron_unit;
pub mod optional;
pub mod ring;
pub mod route_table;
pub mod router;
pub mod scheduler;
pub mod spike_queue;
pub mod state_rows;
pub mod tally;
pub mod tile;
pub mod unpacker;
pub mod value_table;

pub use array::Array;
pub use bus::ValueAccess;

use rust_hdl::prelude::{Verilog, Wrapper};

/// The body of a module with wires as outputs, for blocks that bring their own Verilog.
fn verilog_body(code: String) -> Verilog {
    Verilog::Wrapper(Wrapper { code, cores: String::new() })
}
