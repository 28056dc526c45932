//! What the decisions of a run tell of the classes of its samples, in bits.
//!
//! The plug-in estimate of the mutual information from the confusion counts is too high for few samples. The correction
//! of Miller and Madow (Miller, in Information Theory in Psychology, 1955) adds `(K - 1) / 2N` nats to each entropy,
//! where K of its outcomes occurred in N samples; for `I = H(class) + H(decision) - H(class, decision)` that is
//! `(K_class + K_decision - K_both - 1) / 2N`, negative where decisions scatter.

use serde::Serialize;
use std::collections::BTreeMap;
use std::f64::consts::LN_2;

/// I(class; decision) of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Information {
    pub samples: usize,
    /// H(class), with the correction, in bits a sample: what there was to tell.
    pub class_entropy: f64,
    /// Plug-in estimate, in bits a sample.
    pub plug_in: f64,
    /// With the correction of Miller and Madow, not below 0, in bits a sample.
    pub corrected: f64,
}

impl Information {
    /// From the class of each sample and the decision for it; `None` without samples. Of lists that differ in length
    /// the common part is taken.
    pub fn new(classes: &[usize], decisions: &[usize]) -> Option<Self> {
        let samples = classes.len().min(decisions.len());
        let pairs = || classes.iter().zip(decisions).map(|(&class, &decision)| (class, decision));
        if samples == 0 {
            return None;
        }
        let (h_class, k_class) = entropy(pairs().map(|(class, _)| class));
        let (h_decision, k_decision) = entropy(pairs().map(|(_, decision)| decision));
        let (h_both, k_both) = entropy(pairs());
        // Rounding can leave less than 0.
        let plug_in = (h_class + h_decision - h_both).max(0.0);
        let bits = |outcomes: f64| outcomes / (2.0 * samples as f64 * LN_2);
        let corrected = (plug_in + bits(k_class as f64 + k_decision as f64 - k_both as f64 - 1.0)).max(0.0);
        Some(Self { samples, class_entropy: h_class + bits(k_class as f64 - 1.0), plug_in, corrected })
    }

    /// Bits of the whole run, corrected.
    pub fn total(&self) -> f64 {
        self.corrected * self.samples as f64
    }

    /// Bits per joule, for the joules of the whole run; `None` for 0 J.
    pub fn per_joule(&self, joules: f64) -> Option<f64> {
        (joules > 0.0).then(|| self.total() / joules)
    }
}

/// Plug-in entropy in bits, and how many different outcomes there were.
fn entropy<T: Ord>(outcomes: impl Iterator<Item = T>) -> (f64, usize) {
    let mut counts = BTreeMap::<T, u64>::new();
    let mut all = 0;
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
        all += 1;
    }
    let share = |count: &u64| *count as f64 / all as f64;
    (counts.values().map(share).map(|p| -p * p.log2()).sum(), counts.len())
}
