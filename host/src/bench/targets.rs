//! What is aimed at, beside what was measured.

use super::measure::{ConfigReport, Measurement};
use std::fmt;

/// One aim and how far it is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub sentence: &'static str,
    /// The measured value, in the unit of the sentence.
    pub measured: String,
    pub met: bool,
}

/// An aim: the workload that it is about, what it says, and how to look.
type Aim = (&'static str, &'static str, fn(&Measurement, u32) -> Option<(String, bool)>);

const AIMS: [Aim; 3] = [
    ("random-64", "at least 80 % of the peak during integration, 64 active axons per core and tick", |m, _| {
        share(m.of_peak(m.integrating()), 0.8)
    }),
    ("random-128", "at least 50 % of the peak over whole ticks, 128 active axons per core and tick", |m, _| {
        share(m.of_peak(m.over_ticks()), 0.5)
    }),
    ("digits", "at most 15 us from the first event to the last output of a digit", |m, clock_hz| {
        let us = m.latency?.output_mean * 1e6 / f64::from(clock_hz);
        Some((format!("{us:.1} us"), us <= 15.0))
    }),
];

fn share(measured: f64, least: f64) -> Option<(String, bool)> {
    Some((format!("{:.1} %", 100.0 * measured), measured >= least))
}

/// All aims whose workloads were run.
pub fn targets(report: &ConfigReport) -> Vec<Target> {
    let look = |(workload, sentence, look): &Aim| {
        let measurement = report.workloads.iter().find(|measurement| measurement.workload == *workload)?;
        let (measured, met) = look(measurement, report.clock_hz)?;
        Some(Target { sentence, measured, met })
    };
    AIMS.iter().filter_map(look).collect()
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let verdict = if self.met { "met" } else { "missed" };
        write!(f, "{verdict:6}  {:>8}  {}", self.measured, self.sentence)
    }
}
