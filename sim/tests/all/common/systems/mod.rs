//! Random systems: an array of any shape, a network in it, and spikes for it. They shrink to small ones, and go into files that
//! `nernst run` takes.

mod files;
pub mod long;
pub mod machine;
mod plan;
pub mod search;
pub mod session;
mod system;

pub use machine::{Seen, compare};
pub use plan::{network_for, plan};
pub use search::Search;
pub use system::System;
