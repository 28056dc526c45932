//! Published limits of activity below which a spiking network takes less energy than a dense one, held against a run.
//!
//! Each is an argument about other hardware, under assumptions of its own. None is a measurement of this array.

use crate::report::RunReport;
use serde::Serialize;
use std::fmt;

/// How active a run was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Activity {
    /// Spikes that a stored weight hears in one sample: the events of each core times its lanes, over the weights of all
    /// rows; zero weights are on both sides.
    pub spikes_per_synapse: f64,
    /// Share of its ticks in which an input line or neuron spikes, neurons without a weight left out.
    pub spike_rate: f64,
    /// Ticks of a sample.
    pub ticks: usize,
}

impl Activity {
    /// `None` where the run lacks a counter, has no weights or took no ticks.
    pub fn of(run: &RunReport) -> Option<Self> {
        let total = |counter| run.ledger.total(counter).map(|count| count as f64);
        let samples = run.samples as f64;
        let counted = run.ledger.cores.iter().zip(&run.cores);
        let heard =
            counted.map(|(core, of)| Some(core.get("events")? * of.shape.neurons() as u64)).sum::<Option<u64>>()?;
        let weights: u64 = run.cores.iter().map(|core| core.weights).sum();
        let sources = run.inputs as u64 + run.cores.iter().map(|core| core.neurons).sum::<u64>();
        let ticks = total("ticks")?;
        let spikes = total("host_spikes_in")? + total("spikes")?;
        (weights > 0 && sources > 0 && ticks > 0.0).then_some(Self {
            spikes_per_synapse: heard as f64 / (weights as f64 * samples),
            spike_rate: spikes / (sources as f64 * ticks),
            ticks: run.ticks_per_sample,
        })
    }
}

/// What a limit says of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Active enough for the dense network to take less.
    DenseWins,
    /// Between the limits that the source gives for its different assumptions.
    Depends,
    /// Quiet enough for the spiking network to take less.
    SpikingWins,
    /// The source says nothing about runs of so many ticks.
    OutOfRange,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Verdict::DenseWins => "dense wins",
            Verdict::Depends => "depends",
            Verdict::SpikingWins => "spiking wins",
            Verdict::OutOfRange => "out of range",
        })
    }
}

/// A published limit, and what it says of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Crossover {
    /// Who published it, where.
    pub source: &'static str,
    /// What is limited, with its unit.
    pub measure: &'static str,
    /// Of the run.
    pub value: f64,
    /// Below this spiking wins.
    pub low: f64,
    /// Above this the dense network wins.
    pub high: f64,
    pub verdict: Verdict,
    /// What the limit assumes.
    pub assumes: &'static str,
}

const SPIKES_PER_SYNAPSE: &str = "spikes a synapse and inference";
const SPIKE_RATE: &str = "spikes a source and tick";

/// All of them, in the order in which they were published.
pub fn all(activity: &Activity) -> Vec<Crossover> {
    vec![
        additions(activity),
        davidson_furber_2021(activity),
        dampfhoffer_2023(activity),
        yan_2024(activity),
        yan_2026(activity),
        bit_matched(activity),
    ]
}

fn crossover(
    source: &'static str,
    (measure, value): (&'static str, f64),
    (low, high): (f64, f64),
    assumes: &'static str,
) -> Crossover {
    let verdict = match value {
        v if v < low => Verdict::SpikingWins,
        v if v > high => Verdict::DenseWins,
        _ => Verdict::Depends,
    };
    Crossover { source, measure, value, low, high, verdict, assumes }
}

/// The widespread count of operations alone: an addition takes 0.9 pJ, a multiplication with its addition 4.6 pJ.
pub fn additions(activity: &Activity) -> Crossover {
    crossover(
        "Horowitz, ISSCC 2014 (1.1), as syops-counter applies it: 4.6 pJ / 0.9 pJ",
        (SPIKES_PER_SYNAPSE, activity.spikes_per_synapse),
        (4.6 / 0.9, 4.6 / 0.9),
        "arithmetic of 32-bit floating point alone, 45 nm; memory and communication cost nothing: it flatters spikes",
    )
}

/// Twelve units of energy for an output of a dense network, seven for a spike.
pub fn davidson_furber_2021(activity: &Activity) -> Crossover {
    crossover(
        "Davidson and Furber, Front. Neurosci. 15:651141 (2021): 12E / 7E",
        (SPIKES_PER_SYNAPSE, activity.spikes_per_synapse),
        (12.0 / 7.0, 12.0 / 7.0),
        "a rate code, the same silicon for both, memory accesses counted",
    )
}

/// With memory accesses; a range over hardware.
pub fn dampfhoffer_2023(activity: &Activity) -> Crossover {
    crossover(
        "Dampfhoffer et al., IEEE Trans. Emerg. Top. Comput. Intell. 7:731 (2023)",
        (SPIKES_PER_SYNAPSE, activity.spikes_per_synapse),
        (0.15, 1.38),
        "memory accesses counted; where between the two limits depends on the hardware of both networks",
    )
}

/// A limit that its source gives for some numbers of ticks.
fn for_ticks(crossover: Crossover, ticks: usize, range: std::ops::RangeInclusive<usize>) -> Crossover {
    let verdict = if range.contains(&ticks) { crossover.verdict } else { Verdict::OutOfRange };
    Crossover { verdict, ..crossover }
}

/// Against quantised networks, with data movement; 5 to 10 ticks.
pub fn yan_2024(activity: &Activity) -> Crossover {
    let limit = crossover(
        "Yan et al., arXiv 2409.08290 versions 2 and 3 (2025): 6.4 %",
        (SPIKE_RATE, activity.spike_rate),
        (0.064, 0.064),
        "5 to 10 ticks, a dense network of log2(T + 1) bits, typical neuromorphic hardware",
    );
    for_ticks(limit, activity.ticks, 5..=10)
}

/// The same authors' later figure, for 5 ticks.
pub fn yan_2026(activity: &Activity) -> Crossover {
    let limit = crossover(
        "Yan et al., arXiv 2409.08290 version 4 (2026): 5.7 %",
        (SPIKE_RATE, activity.spike_rate),
        (0.057, 0.057),
        "5 ticks, a dense network of log2(T + 1) bits, typical neuromorphic hardware",
    );
    for_ticks(limit, activity.ticks, 5..=5)
}

/// `ceil(log2(T + 1)) / 8T`: the bits of an equivalent activation over those of T fetches. Its mean for 5 to 10 ticks
/// is 5.99 %.
pub fn bit_matched(activity: &Activity) -> Crossover {
    let ticks = activity.ticks.max(1);
    // The smallest number of bits that counts from 0 to T.
    let bits = ticks.ilog2() + 1;
    let limit = bits as f64 / (8.0 * ticks as f64);
    crossover(
        "spyx, github.com/kmheckel/spyx/pull/76 (2026): ceil(log2(T + 1)) / 8T, on average 5.99 % for T = 5 to 10",
        (SPIKE_RATE, activity.spike_rate),
        (limit, limit),
        "an analytic model with memory, against a dense network of as many bits as count the ticks",
    )
}
