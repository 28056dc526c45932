//! What every part of Nernst agrees on, as pure data and pure functions: no I/O and no hardware description.
//!
//! | module | what it fixes |
//! |---|---|
//! | [`geometry`] | cores, tiles, lanes, and how neurons are numbered; array configurations from TOML |
//! | [`context`] | several sets of neurons in the lanes of a core |
//! | [`chain`] | cores whose membranes are summed |
//! | [`tick`] | the integer arithmetic of one neuron in one tick |
//! | [`memory`] | the address map that a host loads, and the words in it |
//! | [`settings`] | what is chosen of a core when it is loaded |
//! | [`budget`] | a limit that the array itself keeps |
//! | [`ledger`] | every counter: its name, place and one-sentence definition |
//! | [`link`] | frames, commands, replies and the spike stream of the host link |
//! | [`encoding`] | codes that turn values into spikes |
//! | [`identity`] | what a board says of itself |
//! | [`image`] | a compiled network as a versioned file with a digest |
//! | [`timing`] | clocks that the phases of a tick take |
//!
//! Whatever is a constant of the design is written here and nowhere else: the RTL, the reference model and the host
//! all read it from this crate.

pub mod budget;
pub mod chain;
pub mod context;
pub mod encoding;
pub mod geometry;
pub mod identity;
pub mod image;
pub mod ledger;
pub mod link;
pub mod memory;
pub mod pace;
pub mod settings;
pub mod tick;
pub mod timing;

pub use budget::Budget;
pub use context::Contexts;
pub use geometry::{ArrayConfig, CoreConfig, WeightBits};
pub use identity::Identity;
pub use image::Image;
pub use ledger::Ledger;
pub use settings::Settings;
