//! Measurements of the array's RTL: what its clocks go to, how they grow, and what that is in logic.
//!
//! | module | what it does |
//! |---|---|
//! | [`workload`] | networks and their input, made for an array |
//! | [`measure`](mod@measure) | a workload on the RTL beside the reference model: clocks, phases, operations |
//! | [`end_to_end`](mod@end_to_end) | samples through the whole chip and its UART |
//! | [`link`] | the link by itself: payload on the wire, and what faults cost |
//! | [`netlist`] | samples on a netlist after synthesis |
//! | [`targets`] | what is aimed at, beside what was measured |
//! | [`growth`] | clocks of a tick against one size after the other |
//! | [`fit`] | `a + b x^p` through measured points |
//! | [`peers`] | operations per LUT and clock, beside published figures of others |
//!
//! Everything is a count of clocks of the generated Verilog, run in the simulator: nothing depends on the machine that runs it.

pub mod coding;
pub mod end_to_end;
pub mod fit;
pub mod growth;
pub mod link;
pub mod measure;
pub mod netlist;
pub mod peers;
pub mod targets;
pub mod workload;

pub use end_to_end::{EndToEnd, end_to_end};
pub use growth::{Growth, Series};
pub use measure::{ArrayReport, ConfigReport, Measurement, measure};
pub use workload::{Kind, Workload};

use crate::mapper::MapError;
use crate::session::SessionError;
use crate::stack::with_large_stack;
use nernst_sim::netlist_boards::NetlistBoardsError;
use nernst_sim::virtual_board::VirtualBoardError;
use nernst_sim::{AccessError, LoadError, RtlArray, RtlArrayError};
use nernst_spec::ArrayConfig;

/// Why a measurement cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error(transparent)]
    Array(#[from] RtlArrayError),
    #[error("reference model: {0}")]
    Load(#[from] LoadError),
    #[error("reference model: {0}")]
    Access(#[from] AccessError),
    #[error("the digits network: {0}")]
    Network(#[from] crate::network::NetworkError),
    #[error("the digits network does not fit: {0}")]
    Compile(#[from] MapError),
    #[error("the digits network: {0}")]
    Coding(String),
    #[error(transparent)]
    Board(#[from] VirtualBoardError),
    #[error(transparent)]
    Start(#[from] crate::port::StartError),
    #[error(transparent)]
    Run(#[from] crate::runner::RunError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Netlist(#[from] NetlistBoardsError),
    #[error("no thread to build the RTL in: {0}")]
    Thread(#[from] std::io::Error),
}

/// The RTL of an array, on a stack that is large enough to build it.
pub fn array(config: &ArrayConfig) -> Result<RtlArray, BenchError> {
    Ok(with_large_stack(|| RtlArray::new(config))??)
}
