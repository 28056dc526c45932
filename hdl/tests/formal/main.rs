//! Proofs by SymbiYosys: properties of blocks, in `hdl/formal`, for every input and any length of time (by k-induction). Minutes: `make formal`.
//!
//! That a proof could fail is tried by faults: with each of them in the Verilog the same properties must not be proved.

mod array;
mod link;
mod proof;
