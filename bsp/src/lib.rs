//! Lattice ECP5 boards, primitives and the open tool flow for rust-hdl

pub mod cast;
pub mod cosim;
pub mod primitives;
pub mod simulate;
