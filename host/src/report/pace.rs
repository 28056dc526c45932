//! The pace of a run, and what did not keep it.

use nernst_spec::ArrayConfig;
use serde::{Deserialize, Serialize};

/// Ticks at the pace of the board's clock: [`nernst_spec::pace`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// From one tick to the next, in clocks of the array.
    pub period_clocks: u32,
    /// The same in seconds.
    pub period: f64,
    /// Every tick that began late, in order.
    pub late: Vec<LateTick>,
}

/// A tick that began late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateTick {
    /// Number of the sample in the run, from 0.
    pub sample: usize,
    /// Number of the tick in the sample, from 0.
    pub tick: usize,
}

impl Pace {
    pub fn new(period_clocks: u32, config: &ArrayConfig, late: Vec<LateTick>) -> Self {
        Self { period_clocks, period: f64::from(period_clocks) / f64::from(config.clock_hz), late }
    }

    /// What became of so many ticks.
    pub fn in_words(&self, ticks: u64) -> String {
        let pace = format!("a tick every {:.3} us ({} clocks): ", 1e6 * self.period, self.period_clocks);
        match self.late.first() {
            None => format!("{pace}none of {ticks} was late"),
            Some(first) => {
                let LateTick { sample, tick } = first;
                format!(
                    "{pace}{} of {ticks} were late, the first of them tick {tick} of sample {sample}",
                    self.late.len()
                )
            }
        }
    }
}
