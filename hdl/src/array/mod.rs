//! The array: cores on a spike bus, and the ledger that counts what they do.
//!
//! | block | what it is |
//! |---|---|
//! | [`tile`] | one block RAM of weights and its lanes |
//! | [`neuron_unit`] | fire, reset and leak, one membrane per clock |

#[allow(clippy::module_inception)]
pub mod array;
pub mod core;
pub mod core_slot;
pub mod count_ones;
pub mod delay;
pub mod ledger;
pub mod lowest_bit;
pub mod neuron_unit;
pub mod ring;
pub mod route_table;
pub mod router;
pub mod scheduler;
pub mod tally;
pub mod tile;
pub mod value_table;

pub use array::Array;

use rust_hdl::prelude::{Verilog, Wrapper};

/// The body of a module with wires as outputs, for blocks that bring their own Verilog.
fn verilog_body(code: String) -> Verilog {
    Verilog::Wrapper(Wrapper { code, cores: String::new() })
}
