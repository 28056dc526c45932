//! Runs the Verilog that rust-hdl generates, in process, as machine code made while it loads.
//!
//! ```
//! use rust_hdl::prelude::*;
//! use rust_hdl_netsim::{Options, Simulator};
//!
//! #[derive(LogicBlock, Default)]
//! struct Blinker {
//!     clock: Signal<In, Clock>,
//!     enable: Signal<In, Bit>,
//!     led: Signal<Out, Bit>,
//!     counter: DFF<Bits<10>>,
//! }
//!
//! impl Logic for Blinker {
//!     #[hdl_gen]
//!     fn update(&mut self) {
//!         dff_setup!(self, clock, counter);
//!         if self.enable.val() {
//!             self.counter.d.next = self.counter.q.val() + 1;
//!         }
//!         self.led.next = self.counter.q.val().get_bit(9);
//!     }
//! }
//!
//! # fn main() -> Result<(), rust_hdl_netsim::Error> {
//! let mut block = Blinker::default();
//! block.connect_all();
//! let mut s = Simulator::from_verilog(&generate_verilog(&block), &Options::default())?;
//! let (enable, led) = (s.input("enable")?, s.output("led")?);
//! s.set(enable, 1);
//! assert_eq!(s.run(10_000, &[(led, 1)]), 512);
//! let counter = s.net("counter.q")?;
//! assert_eq!(s.peek(counter), 512);
//! # Ok(())
//! # }
//! ```
//!
//! From text to clocks, a module each: `preprocess`, `lex`, `parse` (the text's tree), `elaborate` (one pass per
//! instance; `expr` has Verilog's rules of width and sign, `execute` turns blocks into multiplexers), `lower` (words of
//! at most 64 bits, in a `netlist` that knows equal ones), `enable` and `regions` (what is needed only under a
//! condition), `cells` (what wakes together), `edge` (what can wait for the clock edge), `layout` (what lies together), `schedule` (all that makes a `program`), and
//! one of two engines, `interpret` or `jit`, which compiles a `shape` of cells once.
//!
//! What is supported and what is refused is listed in the README. There are two states: what Verilog leaves undefined
//! is 0.

mod ast;
mod bitvec;
mod cells;
mod design;
mod edge;
mod elaborate;
mod enable;
mod error;
mod execute;
mod expr;
mod interpret;
#[cfg(feature = "jit")]
mod jit;
mod layout;
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
#[cfg(feature = "jit")]
mod shape;
mod simulator;
mod trace;

pub use error::Error;
pub use simulator::{Engine, Input, Memory, Net, Options, Output, Simulator, Statistics};
