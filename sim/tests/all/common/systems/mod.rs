//! Random systems: an array of any shape, a network in it, and spikes for it. They shrink to small ones, and go into files that
//! `nernst run` takes.

mod files;
mod long;
mod machine;
mod plan;
pub mod search;
pub mod session;
mod system;

pub use long::long;
pub use machine::{Seen, compare, compare_in_a_hurry};
pub use plan::{network_for, plan};
pub use search::Search;
pub use system::System;
