//! The library and the command-line tool from outside: one program, for linking each file of tests with everything would take longer than to run most of them.

mod common;

mod bench;
mod budget;
mod cli;
mod digits;
mod doctor;
mod faults;
mod fuzz;
mod fuzz_link;
mod imported;
mod interop;
mod ledger;
mod lines;
mod networks;
mod neurobench;
mod pace;
mod replay;
mod report;
mod runner;
mod scrub;
mod serial;
mod session;
mod spikes;
mod synth;
mod toggles;
mod train;
mod values;
mod wide;
mod workflow;
