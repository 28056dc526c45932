//! 64 simulations at once of a netlist after synthesis, and what switches in each of them.
//!
//! A [`Simulator`] runs the JSON that `yosys -p "synth_ecp5 -json netlist.json"` writes, for example the file of
//! [`Synthesis::netlist`](crate::flow::Synthesis::netlist). A net of it is one bit; the simulator keeps it as a word
//! of 64, of which each bit is the net in another simulation, a *lane*. All lanes have the same clock and their own
//! inputs, registers and memories, so 64 stimuli cost about as much as one.
//!
//! With [`Simulator::count_toggles`] it counts, for every lane, how often nets change from clock to clock, in groups
//! and with weights that the caller chooses. That is what the dynamic power of a chip is proportional to.
//!
//! ```
//! use rust_hdl_bsp_ecp5::switching::Simulator;
//!
//! // a flip-flop that inverts itself while `enable` is 1
//! let mut simulator = Simulator::from_json(r#"{"modules": {"top": {"attributes": {"top": "1"},
//!   "ports": {"clock": {"direction": "input", "bits": [2]}, "enable": {"direction": "input", "bits": [3]},
//!             "q": {"direction": "output", "bits": [4]}},
//!   "cells": {
//!     "ff": {"type": "TRELLIS_FF", "parameters": {"CEMUX": "CE"},
//!       "port_directions": {"CLK": "input", "CE": "input", "DI": "input", "LSR": "input", "Q": "output"},
//!       "connections": {"CLK": [2], "CE": [3], "DI": [5], "LSR": ["0"], "Q": [4]}},
//!     "inverter": {"type": "LUT4", "parameters": {"INIT": "0101010101010101"},
//!       "port_directions": {"A": "input", "Z": "output"}, "connections": {"A": [4], "Z": [5]}}},
//!   "netnames": {"q": {"bits": [4]}, "enable": {"bits": [3]}}}}}"#)?;
//! let (enable, q) = (simulator.input("enable")?, simulator.output("q")?);
//! simulator.set_lane(enable, 5, 1);
//! // all nets in group 0, each with weight 1
//! simulator.count_toggles(|_net| vec![(0, 1)]);
//! (0..8).for_each(|_| simulator.clock());
//! assert_eq!((simulator.get(q, 0), simulator.get(q, 5)), (0, 0));
//! // eight edges, the seven changes between them, of two nets
//! assert_eq!((simulator.toggles()[0][0], simulator.toggles()[0][5]), (0, 14));
//! # Ok::<(), rust_hdl_bsp_ecp5::switching::SwitchingError>(())
//! ```
//!
//! # How it runs
//!
//! Logic becomes one kind of instruction, `target = select ? high : low` on words of 64 lanes, where `high` and `low`
//! may be inverted: LUTs are taken apart into multiplexers by Shannon expansion, carry chains, PFUMX, L6MUX21 and the
//! enables and resets of registers are multiplexers already. They run in the order of their dependencies, all of
//! them, once a clock. Memories and multipliers are computed only where an enable, an address or an operand asks for
//! it.
//!
//! # What it takes
//!
//! LUT4, PFUMX, L6MUX21, CCU2C, TRELLIS_FF, TRELLIS_DPR16X4, DP16KD, PDPW16KD and MULT18X18D in the modes of
//! [`CELL_MODELS`](crate::primitives::CELL_MODELS), and EHXPLLL or OSCG as source of the clock, locked from the
//! start. Whatever else a netlist has is an error that names it: other cells and modes, a second clock, a clock in
//! logic, falling edges, asynchronous set or reset, loops of logic, nets without a driver.
//!
//! # What it does not show
//!
//! * Values are 0 or 1. Open pins and `x` in the netlist are 0; registers and memories start as the bitstream makes
//!   them.
//! * A block RAM word that one port reads while the other writes it is undefined on the chip, `x` in the cell models,
//!   and here the complement of what it was in a PDPW16KD, so that a design that looks at it gives itself away, and what
//!   it was in a DP16KD; [`Simulator::collisions`] counts such clocks.
//! * Toggles are those of settled values, at most one for a net and clock. The glitches in between, which a chip has
//!   as well, are not modelled; nor are the clock net and what happens inside a cell.

mod block_ram;
mod distributed_ram;
mod edge;
mod error;
mod lanes;
mod logic;
mod lower;
mod multiplier;
mod netlist;
mod program;
mod routing;
mod simulator;
mod toggles;
mod wiring;

pub use error::SwitchingError;
pub use lanes::LANES;
pub use netlist::NetInfo;
pub use routing::routed_pips;
pub use simulator::{Input, Net, Output, Simulator, Statistics};
