//! Timing diagrams of the array's RTL, made from its simulation.
//!
//! A [`Scenario`] is a short script for a small array (that of `tiny`, mostly) and the signals that are shown, stage by stage. The generated Verilog is run, the
//! signals are recorded clock by clock, and what happened is written as [WaveJSON](https://wavedrom.com/tutorial.html) and drawn as SVG. Names of
//! instances and signals come from [`nernst_sim::rtl_array::signals`].

mod scenario;
mod wave;

pub use scenario::{Scenario, scenarios};
pub use wave::{Diagram, Lane, Show};

use crate::bench::BenchError;
use crate::stack::with_large_stack;
use nernst_sim::{RtlArray, RtlArrayError};

/// Why there is no diagram.
#[derive(Debug, thiserror::Error)]
pub enum TimingError {
    #[error(transparent)]
    Array(#[from] RtlArrayError),
    #[error(transparent)]
    Bench(#[from] BenchError),
    #[error(transparent)]
    Config(#[from] nernst_spec::geometry::ConfigError),
    #[error("scenario `{scenario}`: `{signal}` was never high, so there is nothing to show")]
    Nothing { scenario: &'static str, signal: String },
    #[error("drawing failed: {0}")]
    Draw(String),
    #[error("no thread to build the RTL in: {0}")]
    Thread(#[from] std::io::Error),
}

/// Runs a scenario on the generated Verilog.
pub fn run(scenario: &Scenario) -> Result<Diagram, TimingError> {
    let mut array = with_large_stack(|| RtlArray::new(&scenario.config))??;
    let lanes: Vec<&Lane> = scenario.stages.iter().flat_map(|(_, lanes)| lanes).collect();
    let mut paths: Vec<String> = lanes.iter().map(|lane| lane.path.clone()).collect();
    // What says when a value means something follows the values.
    paths.extend(lanes.iter().filter_map(|lane| lane.valid.clone()));
    paths.extend([scenario.from.clone(), scenario.until.clone()]);
    (scenario.prepare)(&mut array)?;
    array.record(&paths)?;
    (scenario.script)(&mut array)?;
    Diagram::new(scenario, &paths, &array.recorded())
}
