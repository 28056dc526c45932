//! Codes that turn a sample's values into spikes on input lines: value `i` of a sample drives line `i`. What they are is said by [`nernst_spec::encoding`];
//! these are theirs for values of 0 to 16.
//!
//! | code | a value x of 0..=16 in T ticks | spikes of a digit |
//! |---|---|---|
//! | rate | x / 16 of the ticks have a spike, evenly spread by error diffusion | about 312 at T = 16 |
//! | latency | one spike, brighter earlier: in tick (16 - x) / 16 * (T - 1), rounded; 0 and 1 stay silent | about 30 |
//!
//! Under either code the class of a sample is the output neuron with the most spikes, the lowest of equals: [`classify`].

use crate::data::MAX_VALUE;
use nernst_spec::encoding;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Smallest value that has a spike in the latency code.
const LIT: u8 = 2;

/// How a value becomes spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Coding {
    /// Brighter is more often.
    Rate,
    /// Brighter is earlier.
    Latency,
}

impl Coding {
    /// The lines that have a spike in each of `ticks` ticks, in ascending order. Values above [`MAX_VALUE`] count as it.
    pub fn encode(self, pixels: &[u8], ticks: u32) -> Vec<Vec<u16>> {
        self.code().encode(pixels, ticks)
    }

    /// The code in the board's words.
    pub fn code(self) -> encoding::Code {
        let coding = match self {
            Coding::Rate => encoding::Coding::Rate,
            Coding::Latency => encoding::Coding::Latency,
        };
        encoding::Code { coding, full: MAX_VALUE.into(), least: LIT }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Coding::Rate => "rate",
            Coding::Latency => "latency",
        })
    }
}

/// A coding and its ticks: what an image names so that its host can encode for it, as in `rate-16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    pub coding: Coding,
    /// Ticks in which a sample's spikes arrive; an image runs for a tick more for every layer after the first.
    pub ticks: u32,
}

impl Code {
    /// The lines that have a spike in each tick.
    pub fn encode(&self, pixels: &[u8]) -> Vec<Vec<u16>> {
        self.coding.encode(pixels, self.ticks)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}-{}", self.coding, self.ticks)
    }
}

impl FromStr for Code {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('-').and_then(|(coding, ticks)| {
            let coding = match coding {
                "rate" => Coding::Rate,
                "latency" => Coding::Latency,
                _ => return None,
            };
            Some(Code { coding, ticks: ticks.parse().ok()? })
        });
        parts.ok_or_else(|| format!("unknown code `{text}`: expected rate-TICKS or latency-TICKS, such as rate-16"))
    }
}

/// The class that the outputs' answers stand for (spike counts, or membranes): the largest, the lowest number of equals. 0 when there are none.
pub fn classify<T: PartialOrd>(answers: &[T]) -> usize {
    let mut best = 0;
    for (class, answer) in answers.iter().enumerate() {
        if *answer > answers[best] {
            best = class;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spikes_of(spikes: &[Vec<u16>], line: u16) -> Vec<usize> {
        (0..spikes.len()).filter(|&tick| spikes[tick].contains(&line)).collect()
    }

    proptest! {
        #[test]
        fn rate_gives_each_value_its_share(pixels in proptest::collection::vec(0u8..=16, 1..80), ticks in 1u32..64) {
            let spikes = Coding::Rate.encode(&pixels, ticks);
            prop_assert_eq!(spikes.len(), ticks as usize);
            for (line, &value) in pixels.iter().enumerate() {
                let count = spikes_of(&spikes, line as u16).len() as u32;
                prop_assert_eq!(count, (value as u32 * ticks + 8) / 16);
            }
            prop_assert!(spikes.iter().all(|tick| tick.is_sorted()));
        }

        #[test]
        fn latency_gives_one_spike_and_brighter_is_no_later(a in 2u8..=16, b in 2u8..=16, ticks in 1u32..64) {
            let spikes = Coding::Latency.encode(&[a, b, 0, 1], ticks);
            let (of_a, of_b) = (spikes_of(&spikes, 0), spikes_of(&spikes, 1));
            prop_assert_eq!((of_a.len(), of_b.len()), (1, 1));
            prop_assert!(a < b || of_a[0] <= of_b[0]);
            prop_assert_eq!(spikes.iter().map(Vec::len).sum::<usize>(), 2);
        }
    }

    #[test]
    fn sixteen_ticks_of_rate_are_the_values_themselves() {
        let pixels: Vec<u8> = (0..=16).collect();
        let spikes = Coding::Rate.encode(&pixels, 16);
        for &value in &pixels {
            assert_eq!(spikes_of(&spikes, value as u16).len(), value as usize);
        }
        assert_eq!(spikes_of(&spikes, 4), [1, 5, 9, 13]);
    }

    #[test]
    fn eight_ticks_of_latency_reach_from_first_to_last() {
        let spikes = Coding::Latency.encode(&[16, 12, 9, 2], 8);
        assert_eq!((0..4).map(|line| spikes_of(&spikes, line)[0]).collect::<Vec<_>>(), [0, 2, 3, 6]);
        assert!(Coding::Latency.encode(&[16], 0).is_empty());
    }

    #[test]
    fn codes_survive_their_name() {
        for code in [Code { coding: Coding::Rate, ticks: 16 }, Code { coding: Coding::Latency, ticks: 8 }] {
            assert_eq!(code.to_string().parse(), Ok(code));
        }
        assert!("rate".parse::<Code>().unwrap_err().contains("expected rate-TICKS"));
        assert!("phase-3".parse::<Code>().is_err());
    }

    #[test]
    fn ties_go_to_the_lowest_class() {
        assert_eq!(classify(&[1, 3, 3, 0]), 1);
        assert_eq!(classify(&[0, 0]), 0);
        assert_eq!(classify::<u32>(&[]), 0);
        assert_eq!(classify(&[-2.0, -1.0, -1.0]), 1);
    }
}
