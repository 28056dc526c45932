//! Runs the Verilog that rust-hdl generates, in process

mod ast;
mod bitvec;
mod design;
mod elaborate;
mod error;
mod execute;
mod expr;
mod interpret;
mod lex;
mod lower;
mod netlist;
mod parse;
mod parse_statement;
mod preprocess;
mod process;
mod program;
mod schedule;
mod simulator;

pub use error::Error;
pub use simulator::{Engine, Input, Memory, Net, Options, Output, Simulator, Statistics};
