//! A run while it runs: what a dashboard in a terminal shows, and how it looks.
//!
//! [`State`] takes what a run gives; [`draw`] shows it and nothing else, so that both are tested without a terminal.

mod state;
mod view;

pub use state::{About, News, State};
pub use view::draw;

#[cfg(test)]
mod tests;
