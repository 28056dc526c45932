//! Bits that a spike takes on the link, against the entropy of its train.

use crate::session::TrainCount;
use nernst_spec::link::stream::{Train, encode};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

/// Bytes of a spike in links that send its address as a word of 16 bits, as other designs do.
pub const BYTES_OF_AN_ADDRESS: f64 = 2.0;

/// One train, in which each place of each tick has a spike with the same probability.
#[derive(Clone, Debug, Serialize)]
pub struct Coding {
    /// `to board` or `from board`.
    pub direction: &'static str,
    pub places: usize,
    pub ticks: usize,
    /// Probability of a spike.
    pub probability: f64,
    pub spikes: u64,
    /// Payload bits of a spike.
    pub bits_per_spike: f64,
    /// What they would be if the code were as good as any can be.
    pub entropy_per_spike: f64,
    /// The first by the second.
    pub ratio: f64,
    /// The same for addresses of 16 bits.
    pub ratio_of_addresses: f64,
}

/// Codes a random train in both directions.
pub fn coding(places: usize, ticks: usize, probability: f64, seed: u64) -> [Coding; 2] {
    let mut random = StdRng::seed_from_u64(seed);
    // A row has up to 4,096 places.
    let mut tick = || (0..places as u16).filter(|_| random.random_bool(probability)).collect::<Vec<u16>>();
    let train: Vec<Vec<u16>> = (0..ticks).map(|_| tick()).collect();
    [("to board", false), ("from board", true)].map(|(direction, unordered)| {
        let mut count = TrainCount::new(places);
        for (payload, events) in encode(Train { places, unordered }, &train) {
            count.add(&payload, &events);
        }
        let entropy =
            -(probability * probability.log2() + (1.0 - probability) * (1.0 - probability).log2()) / probability;
        let bits = count.bits_per_spike().unwrap_or(0.0);
        Coding {
            direction,
            places,
            ticks,
            probability,
            spikes: count.spikes(),
            bits_per_spike: bits,
            entropy_per_spike: entropy,
            ratio: bits / entropy,
            ratio_of_addresses: 8.0 * BYTES_OF_AN_ADDRESS / entropy,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_train_takes_a_quarter_more_than_its_entropy() {
        for probability in [0.01, 0.05, 0.2, 0.5] {
            for coding in coding(512, 200, probability, 1) {
                assert!(coding.ratio > 0.95 && coding.ratio < 1.25, "{coding:?}");
                assert!(coding.ratio_of_addresses > coding.ratio, "{coding:?}");
            }
        }
    }
}
