//! Tests of everything that stands in for a board, in one binary: they share a client of the link and random networks.

mod boards;
mod budget;
mod chains;
mod common;
mod link;
mod model;
mod netlist;
#[cfg(unix)]
mod pty;
mod rtl_array;
mod systems;
mod unknowns;
