//! What stands in for a board: the reference model that defines behaviour, and boards that answer the host link.
//!
//! | module | what it is |
//! |---|---|
//! | [`model`] | [`ReferenceArray`]: every spike, membrane and counter of an array, as plain arithmetic |
//! | [`board`] | the [`Board`] trait: bytes from a host in, bytes to it out |
//! | [`reference_board`] | [`ReferenceBoard`]: the model behind the host link |
//! | [`port`] | [`BoardPort`]: any board as `Read + Write` in this process |
//! | [`virtual_board`] | [`VirtualBoard`]: the RTL itself, clock by clock |
//! | [`rtl_array`] | [`RtlArray`]: the RTL of the array alone, and what each of its clocks goes to |
//! | [`rust_hdl_board`] | [`RustHdlBoard`]: the RTL before it becomes Verilog, in rust-hdl's own simulator |
//! | [`netlist_boards`] | [`NetlistBoards`]: 64 boards of a netlist after synthesis, and what switches in them |
//! | `pty` | `PtyBoard`: any board behind a pseudo-terminal (Unix) |

pub mod board;
pub mod model;
pub mod netlist_boards;
pub mod port;
#[cfg(unix)]
pub mod pty;
pub mod reference_board;
pub mod rtl_array;
pub mod rust_hdl_board;
pub mod virtual_board;

pub use board::{Activity, Board, BoardError};
pub use model::{AccessError, LoadError, ReferenceArray};
pub use netlist_boards::NetlistBoards;
pub use port::BoardPort;
#[cfg(unix)]
pub use pty::PtyBoard;

pub use reference_board::ReferenceBoard;
pub use rtl_array::{RtlArray, RtlArrayError};
pub use rust_hdl_board::RustHdlBoard;
pub use virtual_board::VirtualBoard;
