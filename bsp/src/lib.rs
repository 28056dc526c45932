//! Lattice ECP5 boards, primitives and the open tool flow for rust-hdl
