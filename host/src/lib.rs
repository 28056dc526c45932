//! The host side of Nernst: from a data set to a trained network, to an image, to a board and back with every spike
//! and every counter.
//!
//! | module | what it does |
//! |---|---|
//! | [`data`], [`coding`], [`values`] | data sets, and codes that turn a sample into spikes, here or on the board |
//! | [`events`] | spikes in files and pipes |
//! | [`circuit`] | networks of any shape in floating point, as NIR files have them |
//! | [`network`], [`train`] | networks as files, and their training |
//! | [`mapper`] | places a network on an array: an image |
//! | [`config`] | array configurations by name or file |
//! | [`port`], [`session`] | where bytes go, and the host's side of the link to a board |
//! | [`doctor`] | what keeps a board from working |
//! | [`runner`], [`report`] | samples on a board beside the reference model, and what they gave |
//! | [`monitor`] | a run while it runs, in a terminal |
//! | [`energy`] | what a run cost, by prices with their sources; prices from measured power |
//! | [`html`](mod@html) | a report of runs as a page with pictures |
//! | [`design`] | an array for a board: Verilog and pins |
//! | [`sweep`] | tables of runs of place and route |
//! | [`bench`](mod@bench) | clocks of the array's RTL, by phase, and how they grow |
//! | [`timing`] | timing diagrams of the RTL, from its simulation |
//! | [`toggles`] | what an event of every counter switches in a netlist, as prices |
//! | [`trace`], [`plot`] | what happened tick by tick, and pictures of it |

pub mod bench;
pub mod circuit;
pub mod coding;
pub mod config;
pub mod data;
pub mod design;
pub mod doctor;
pub mod energy;
pub mod events;
pub mod html;
pub mod mapper;
pub mod monitor;
pub mod network;
pub mod plot;
pub mod port;
pub mod report;
pub mod runner;
pub mod session;
mod stack;
pub mod sweep;
pub mod timing;
pub mod toggles;
pub mod trace;
pub mod train;
pub mod values;
