//! Counts of toggles, lane by lane.

use super::edge::Slot;
use super::lanes::{LANES, each_lane};
use std::ops::Range;

/// 64 sums, one for each lane, of which bit k stands in plane k.
///
/// A plane takes words two at a time: the first of a pair waits, the second is added with it by one full adder, whose
/// carry goes to the plane above. So a word costs one full adder on average, and nothing is ever moved out (Harley
/// and Seal's counter, in Warren, Hacker's Delight, 5-1).
#[derive(Clone)]
pub(super) struct Counter {
    sum: [u64; LANES],
    waiting: [u64; LANES],
    /// Planes in which a word waits.
    occupied: u64,
}

impl Counter {
    pub(super) fn new() -> Self {
        Self { sum: [0; LANES], waiting: [0; LANES], occupied: 0 }
    }

    /// Adds 2^`plane` in these lanes.
    fn add(&mut self, mut lanes: u64, mut plane: usize) {
        // Plane 63 is reached after 2^63 clocks.
        while self.occupied >> plane & 1 == 1 {
            self.occupied ^= 1 << plane;
            let (a, b) = (self.sum[plane], self.waiting[plane]);
            self.sum[plane] = a ^ b ^ lanes;
            lanes = a & b | (a ^ b) & lanes;
            plane += 1;
        }
        self.waiting[plane] = lanes;
        self.occupied |= 1 << plane;
    }

    pub(super) fn add_weighted(&mut self, lanes: u64, weight: u32) {
        each_lane(u64::from(weight)).for_each(|plane| self.add(lanes, plane));
    }

    pub(super) fn totals(&self) -> [u64; LANES] {
        let mut totals = [0; LANES];
        for plane in 0..LANES {
            let waiting = if self.occupied >> plane & 1 == 1 { self.waiting[plane] } else { 0 };
            for lanes in [self.sum[plane], waiting] {
                each_lane(lanes).for_each(|lane| totals[lane] += 1 << plane);
            }
        }
        totals
    }
}

/// A net that counts.
struct Counted {
    slot: Slot,
    before: u64,
    /// Its groups and weights.
    shares: Range<usize>,
}

/// What is counted, and the counts.
pub(super) struct Toggles {
    nets: Vec<Counted>,
    shares: Vec<(usize, u32)>,
    groups: Vec<Counter>,
}

impl Toggles {
    /// `nets` have their slot and, for each group they are in, its number and their weight in it.
    pub(super) fn new(nets: impl Iterator<Item = (Slot, Vec<(usize, u32)>)>, values: &[u64]) -> Self {
        let mut toggles = Self { nets: Vec::new(), shares: Vec::new(), groups: Vec::new() };
        for (slot, shares) in nets.filter(|(_, shares)| !shares.is_empty()) {
            let groups = shares.iter().map(|(group, _)| group + 1).max().unwrap_or(0);
            toggles.groups.resize(groups.max(toggles.groups.len()), Counter::new());
            let start = toggles.shares.len();
            toggles.shares.extend(shares);
            let shares = start..toggles.shares.len();
            toggles.nets.push(Counted { slot, before: values[slot as usize], shares });
        }
        toggles
    }

    /// Counts what differs from the last time.
    pub(super) fn count(&mut self, values: &[u64]) {
        for net in &mut self.nets {
            let now = values[net.slot as usize];
            let changed = now ^ net.before;
            if changed != 0 {
                net.before = now;
                for (group, weight) in &self.shares[net.shares.clone()] {
                    self.groups[*group].add_weighted(changed, *weight);
                }
            }
        }
    }

    pub(super) fn totals(&self) -> Vec<[u64; LANES]> {
        self.groups.iter().map(Counter::totals).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosim::Rng;

    #[test]
    fn a_counter_counts_every_lane() {
        let (mut counter, mut expected, mut rng) = (Counter::new(), [0; LANES], Rng::new(3));
        for _ in 0..1000 {
            let (lanes, weight) = (rng.next_u64() & rng.next_u64(), rng.below(1000) as u32);
            counter.add_weighted(lanes, weight);
            each_lane(lanes).for_each(|lane| expected[lane] += u64::from(weight));
        }
        assert_eq!(counter.totals(), expected);
        counter.add_weighted(1, u32::MAX);
        assert_eq!(counter.totals()[0], expected[0] + u64::from(u32::MAX));
    }
}
