//! The RTL of Nernst: an array of spiking cores, its ledger and its link

pub mod array;
pub mod link;
