//! The host link: blocks and whole, in rust-hdl's simulator and as Verilog.

mod bench;
mod blocks;
mod host;
mod protocol;
mod stand_in;
mod verilog;
mod whole_chip;
