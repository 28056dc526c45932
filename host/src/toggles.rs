//! What one event of every counter switches: toggles of the nets of a placed netlist, fitted to the ledger.
//!
//! | module | what it does |
//! |---|---|
//! | [`recipe`] | networks and commands that differ in every counter, one for each lane of the simulator |
//! | [`workload`] | what a host says to run one of them, and what the reference model counts |
//! | [`measure`](mod@measure) | runs them on the netlist, and checks their counters against the reference model |
//! | [`columns`](mod@columns) | which counters can have a price of their own |
//! | [`fit`](mod@fit) | least squares of toggles on counters |
//! | [`table`] | the price table, with the one borrowed number: the capacitance |
//!
//! The counts of toggles are exact. That a sum of prices reproduces them is a model, whose residual is told. Joules
//! follow from a capacitance that is borrowed from another chip.

pub mod columns;
pub mod fit;
pub mod measure;
pub mod recipe;
pub mod table;
pub mod workload;

pub use columns::{Columns, columns};
pub use fit::{Fit, FitError, fit};
pub use measure::{Measured, Measurement, measure};
pub use recipe::workloads;
pub use workload::Workload;

use nernst_sim::netlist_boards::NetlistBoardsError;
use nernst_sim::{AccessError, LoadError};
use rust_hdl_bsp_ecp5::switching::SwitchingError;

/// Why toggles cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum TogglesError {
    /// The netlist does not run.
    #[error(transparent)]
    Boards(#[from] NetlistBoardsError),
    /// The placed netlist cannot be read.
    #[error("placed netlist: {0}")]
    Placed(SwitchingError),
    /// No net of the netlist has a route.
    #[error("no net of the netlist has a route in the placed one: they are not of the same design")]
    NoRoute,
    /// A workload is none for this array.
    #[error("workload `{0}`: {1}")]
    Load(String, LoadError),
    /// A workload uses what the array does not have.
    #[error("workload `{0}`: {1}")]
    Access(String, AccessError),
    /// A board's answers lack what the script has asked for.
    #[error("workload `{name}`: the board's answers have no {what}")]
    Answer {
        /// The workload.
        name: String,
        /// What is missing.
        what: &'static str,
    },
    /// The netlist does not count what the reference model counts.
    #[error("workload `{name}`: {counter} is {netlist} in the netlist and {model} in the reference model")]
    Counter {
        /// The workload.
        name: String,
        /// The first counter that differs.
        counter: String,
        /// Its value in the netlist.
        netlist: u64,
        /// That of the reference model.
        model: u64,
    },
    /// The ledger's window is not that in which toggles were counted.
    #[error("workload `{name}`: the ledger counts {ledger} clocks, toggles were counted for {counted}")]
    Window {
        /// The workload.
        name: String,
        /// Clocks by the ledger.
        ledger: u64,
        /// Clocks of the simulator.
        counted: u64,
    },
}
