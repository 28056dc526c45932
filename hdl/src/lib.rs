//! The RTL of Nernst: an array of spiking cores, its ledger and its link
//!
//! | module | what |
//! |---|---|
//! | [`array`](mod@array) | cores, spike router, ledger |
//! | [`link`] | the host link and its serial line |
//! | [`soc`] | array and link together, as a byte stream or on a serial line |
//! | [`board`] | the top of a design for a board |
//! | [`generate`] | Verilog and pins of all of these |

// In a kernel every `if` is a multiplexer, and nesting shows which comes first.
#![allow(clippy::collapsible_if, clippy::collapsible_else_if)]

pub mod array;
pub mod board;
pub mod generate;
pub mod link;
pub mod soc;
