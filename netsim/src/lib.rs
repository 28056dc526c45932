//! Runs the Verilog that rust-hdl generates, in process

mod ast;
mod bitvec;
mod design;
mod elaborate;
mod error;
mod enable;
mod execute;
mod expr;
mod interpret;
#[cfg(feature = "jit")]
mod jit;
mod lex;
mod lower;
mod netlist;
mod parse;
mod parse_statement;
mod preprocess;
mod process;
mod program;
mod regions;
mod schedule;
mod simulator;
mod trace;

pub use error::Error;
pub use simulator::{Engine, Input, Memory, Net, Options, Output, Simulator, Statistics};
