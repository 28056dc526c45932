//! Lattice ECP5 boards, primitives and the open tool flow for rust-hdl

pub mod boards;
pub mod cast;
pub mod cosim;
pub mod flow;
pub mod lpf;
pub mod ports;
pub mod primitives;
pub mod simulate;
