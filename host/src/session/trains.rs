//! What the spikes of a session took on the link.

use nernst_spec::link::stream::Event;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Spikes of one direction, and the payload that they took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainCount {
    ticks: u64,
    payload: u64,
    /// Spikes of each place.
    spikes: Vec<u64>,
}

impl TrainCount {
    /// For rows of so many places.
    pub fn new(places: usize) -> Self {
        Self { ticks: 0, payload: 0, spikes: vec![0; places] }
    }
    /// A payload, and what it says.
    pub fn add(&mut self, payload: &[u8], events: &[Event]) {
        self.payload += payload.len() as u64;
        for event in events {
            match event {
                Event::Spike(place) => {
                    if let Some(count) = self.spikes.get_mut(usize::from(*place)) {
                        *count += 1;
                    }
                }
                Event::Late => {}
                Event::Tick => self.ticks += 1,
            }
        }
    }
    pub fn spikes(&self) -> u64 {
        self.spikes.iter().sum()
    }
    /// Payload bits of a spike; `None` without one.
    pub fn bits_per_spike(&self) -> Option<f64> {
        let spikes = self.spikes();
        (spikes > 0).then(|| 8.0 * self.payload as f64 / spikes as f64)
    }
    /// Entropy of the train in bits, for a receiver that knows how often each place has a spike: each place of each tick has one by chance, with the frequency
    /// at which that place had them (a Bernoulli process for each place).
    pub fn entropy(&self) -> f64 {
        let ticks = self.ticks as f64;
        let of = |&spikes: &u64| {
            let p = spikes as f64 / ticks;
            let term = |p: f64| if p > 0.0 { -p * p.log2() } else { 0.0 };
            ticks * (term(p) + term(1.0 - p))
        };
        if self.ticks == 0 { 0.0 } else { self.spikes.iter().map(of).sum() }
    }
    pub fn summary(&self) -> TrainSummary {
        TrainSummary {
            ticks: self.ticks,
            spikes: self.spikes(),
            payload_bytes: self.payload,
            bits_per_spike: self.bits_per_spike(),
            entropy_bits: self.entropy(),
        }
    }
}

/// Spikes of one direction in a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainSummary {
    pub ticks: u64,
    pub spikes: u64,
    /// Bytes of `Stream` payloads, frames not included.
    pub payload_bytes: u64,
    /// Payload bits of a spike; absent without one.
    pub bits_per_spike: Option<f64>,
    /// Entropy of the train in bits: [`TrainCount::entropy`].
    pub entropy_bits: f64,
}

impl TrainSummary {
    /// Payload bits by the entropy; `None` when nothing was uncertain.
    pub fn over_entropy(&self) -> Option<f64> {
        (self.entropy_bits > 0.0).then(|| 8.0 * self.payload_bytes as f64 / self.entropy_bits)
    }
}

/// Samples that were sent as values, of which the board made the spikes, beside the same as spikes. Bytes are those of whole frames on the wire, each
/// counted once however often it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValuesSummary {
    pub samples: u64,
    pub values: u64,
    /// Spikes that the board made of them.
    pub spikes: u64,
    /// Of the frames with values, and of those with the ticks behind.
    pub bytes: u64,
    /// Of the frames that would have said the same as spikes.
    pub bytes_as_spikes: u64,
}

impl ValuesSummary {
    /// How many times as many bytes the spikes would have taken.
    pub fn saved(&self) -> f64 {
        self.bytes_as_spikes as f64 / self.bytes as f64
    }
}

impl fmt::Display for ValuesSummary {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{} values, of which the board made {} spikes: {} bits on the wire, {} as spikes, {:.2} times as many",
            self.values,
            self.spikes,
            8 * self.bytes,
            8 * self.bytes_as_spikes,
            self.saved()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entropy_is_that_of_each_place_by_itself() {
        let mut count = TrainCount::new(3);
        assert_eq!((count.entropy(), count.bits_per_spike()), (0.0, None));
        // Place 0 always, place 1 every second tick, place 2 never: only place 1 is uncertain, by a bit a tick.
        count.add(&[0; 3], &[Event::Spike(0), Event::Spike(1), Event::Tick, Event::Spike(0), Event::Tick]);
        assert_eq!((count.spikes(), count.entropy(), count.bits_per_spike()), (3, 2.0, Some(8.0)));
        assert_eq!(count.summary().over_entropy(), Some(12.0));
    }
}
