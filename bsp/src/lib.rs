//! Lattice ECP5 for rust-hdl: primitives, boards, and the open tool flow.
//!
//! * [`primitives`]: block RAM with its output register, multiplier, carry-chain accumulator, PLL and more, each as a Rust
//!   model, as behavioural Verilog and as vendor cells, tested against each other
//! * [`boards`] and [`lpf`]: the pins of a board, parsed from `constraints/*.lpf`, and the part of them that a design uses
//! * [`flow`]: Yosys, nextpnr-ecp5 and ecppack with checked exit codes, to a bitstream and a [`flow::Report`]
//! * [`simulate`] and [`cosim`]: direct stepping of a block, and the same stimulus through Rust and Verilog
//! * [`switching`]: 64 simulations at once of a netlist after synthesis, and the toggles of its nets
//! * [`cast`] and [`ports`]: what a kernel and a test bench need besides
//!
//! From Rust to a bitstream (`examples/blinky.rs`): describe the design, generate its Verilog, ask the board for the pins of its
//! ports, call [`flow::build`].

pub mod boards;
pub mod cast;
pub mod cosim;
pub mod device;
pub mod flow;
pub mod lpf;
pub mod ports;
pub mod primitives;
pub mod simulate;
pub mod switching;
