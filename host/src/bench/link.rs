//! The link by itself: how much of the wire is payload, and what a bad wire costs.
//!
//! | module | what it does |
//! |---|---|
//! | [`wire`] | boards behind a line whose bytes take time, in simulated time |
//! | [`tap`] | what goes over a port: frames, payload, time |
//! | [`rate`](mod@rate) | spikes in both directions at once, as a share of what 8N1 carries |
//! | [`matrix`] | samples through every kind of fault at every rate |
//!
//! Where the port is simulated, so is its clock: figures do not depend on the machine.

pub mod matrix;
pub mod rate;
pub mod tap;
pub mod wire;

pub use matrix::{Cell, FaultMatrix, MatrixPlan};
pub use rate::{LinkRate, rate};
pub use tap::{Tap, Traffic};
pub use wire::{LineRate, Uart};
