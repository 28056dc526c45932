//! The same bytes at the same clocks in netsim and in Verilator's model of a board.

pub mod build;
pub mod script;

use std::error::Error;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;
