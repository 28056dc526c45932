//! The host link: blocks and whole, in rust-hdl's simulator and as Verilog.

mod bench;
mod blocks;
mod clocks;
mod frames;
mod host;
mod pace;
mod protocol;
#[path = "../common/side_by_side.rs"]
#[allow(dead_code)]
mod side_by_side;
mod stand_in;
mod stuffer;
mod train;
mod values;
mod verilog;
mod whole_chip;
