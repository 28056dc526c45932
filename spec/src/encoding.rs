//! Codes that turn values into spikes on input lines: value `i` drives line `i`.
//!
//! | code | a value v of 0 to `full` in T ticks |
//! |---|---|
//! | rate | v / full of the ticks have a spike, evenly spread by error diffusion |
//! | latency | one spike, larger is earlier: in tick (full - v) / full * (T - 1), rounded; values below `least` are silent |
//!
//! Rate: a line's sum begins at full / 2, rounded down. In each tick it grows by v; where it reaches `full` the line has a spike and `full` is
//! taken off.
//!
//! Latency: the tick is (2 (full - v) (T - 1) + full) / (2 full), rounded down.
//!
//! Values above `full` count as it, but for the comparison with `least`. [`Code::encode`] makes a whole sample at once, as a host does; an
//! [`Encoder`] goes tick by tick without multiplying or dividing, as a board does that was sent the [values](crate::link::Values).
//!
//! ## Without multiplying or dividing
//! In tick t those have fired for which 2 (full - v) (T - 1) < full (2 t + 1): all from a threshold on, which falls from tick to tick. So a number d
//! that grows by `full` in tick 0 and by 2 `full` in each further one pays 2 (T - 1) for each step of the threshold, while it is above 0. In a
//! tick those fire that the threshold has passed in it.
//!
//! The sum of the rate code depends on the value alone, not on the line: after t ticks it is (full / 2 + v t) modulo `full`. A board may find out
//! once in a tick which values have a spike in it, going from v to v + 1 by adding t modulo `full`.

use crate::ArrayConfig;

/// Most lines of an array that have a value.
pub const MAX_LINES: usize = 512;
/// Largest `full` of a code.
pub const MAX_FULL: u16 = 256;

/// How a value becomes spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Larger is more often.
    Rate,
    /// Larger is earlier.
    Latency,
}

/// A code with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    pub coding: Coding,
    /// What a spike in every tick, or in the first, stands for: 1 to [`MAX_FULL`].
    pub full: u16,
    /// Smallest value that has a spike in the latency code.
    pub least: u8,
}

impl Code {
    /// The lines that have a spike in each of so many ticks, ascending.
    pub fn encode(&self, values: &[u8], ticks: u32) -> Vec<Vec<u16>> {
        let mut spikes = vec![vec![]; ticks as usize];
        for (line, &value) in (0..).zip(values) {
            match self.coding {
                Coding::Rate => {
                    let mut sum = self.full / 2;
                    let fires = |spikes: &mut Vec<u16>| {
                        if self.adds_up(&mut sum, value) {
                            spikes.push(line);
                        }
                    };
                    spikes.iter_mut().for_each(fires);
                }
                Coding::Latency => {
                    if let Some(tick) = self.tick_of(value, ticks) {
                        spikes[tick as usize].push(line);
                    }
                }
            }
        }
        spikes
    }

    /// The tick of so many in which a value has its spike in the latency code; `None` where it is silent.
    pub fn tick_of(&self, value: u8, ticks: u32) -> Option<u32> {
        let (full, v, ticks) = (u64::from(self.full), u64::from(value), u64::from(ticks));
        // Below T, which has 32 bits.
        (value >= self.least && ticks > 0)
            .then(|| ((2 * full.saturating_sub(v) * (ticks - 1) + full) / (2 * full)) as u32)
    }

    /// A tick of the rate code: whether there is a spike.
    fn adds_up(&self, sum: &mut u16, value: u8) -> bool {
        *sum += self.full.min(value.into());
        let spike = *sum >= self.full;
        *sum -= if spike { self.full } else { 0 };
        spike
    }
}

/// A code tick by tick, for values that are there in each.
#[derive(Clone, Debug)]
pub struct Encoder {
    code: Code,
    /// Of the run.
    ticks: u16,
    left: u16,
    /// Of each line, in the rate code.
    sums: Vec<u16>,
    /// In the latency code: the smallest value that has fired, and what may still be paid to lower it.
    threshold: u16,
    paid: i32,
}

impl Encoder {
    /// Before the first of so many ticks.
    pub fn new(code: Code, ticks: u16) -> Self {
        Self { code, ticks, left: ticks, sums: vec![], threshold: code.full + 1, paid: -i32::from(code.full) }
    }

    /// The lines that have a spike in the next tick, ascending; `None` after the last. Values must be those of the ticks before.
    pub fn tick(&mut self, values: &[u8]) -> Option<Vec<u16>> {
        self.left = self.left.checked_sub(1)?;
        let lines = (0..).zip(values);
        match self.code.coding {
            Coding::Rate => {
                self.sums.resize(values.len(), self.code.full / 2);
                let sums = self.sums.iter_mut();
                let fires = |((line, &value), sum)| self.code.adds_up(sum, value).then_some(line);
                Some(lines.zip(sums).filter_map(fires).collect())
            }
            Coding::Latency => {
                let before = self.threshold;
                self.paid += 2 * i32::from(self.code.full);
                while self.paid > 0 && self.threshold > 0 {
                    self.threshold -= 1;
                    self.paid -= 2 * (i32::from(self.ticks) - 1);
                }
                let fires = |value: u8| {
                    let v = self.code.full.min(value.into());
                    value >= self.code.least && (self.threshold..before).contains(&v)
                };
                Some(lines.filter(|(_, value)| fires(**value)).map(|(line, _)| line).collect())
            }
        }
    }
}

/// Lines from 0 on that have a value on a board: values are kept in words of the routes' block RAMs that are nobody's route. Lines behind them never
/// have a spike by a code.
pub fn lines(config: &ArrayConfig) -> usize {
    let spare = config.route_places() - config.routes();
    spare.min(config.inputs).min(MAX_LINES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tick_by_tick(code: Code, values: &[u8], ticks: u16) -> Vec<Vec<u16>> {
        let mut encoder = Encoder::new(code, ticks);
        std::iter::from_fn(|| encoder.tick(values)).collect()
    }

    #[test]
    fn a_threshold_that_falls_is_the_rounded_quotient() {
        let values: Vec<u8> = (0..=40).collect();
        for full in 1..=32 {
            for ticks in 0..=40 {
                for least in [0, 2, 33] {
                    let code = Code { coding: Coding::Latency, full, least };
                    assert_eq!(tick_by_tick(code, &values, ticks), code.encode(&values, ticks.into()), "{code:?}");
                }
            }
        }
    }

    #[test]
    fn the_sum_of_the_rate_code_depends_on_the_value_alone() {
        for full in 1..=MAX_FULL {
            let code = Code { coding: Coding::Rate, full, least: 0 };
            let mut sums = vec![full / 2; 256];
            for tick in 0..50u16 {
                for (value, sum) in (0..=255).zip(&mut sums) {
                    let v = full.min(u16::from(value));
                    assert_eq!(*sum, (full / 2 + v * (tick % full)) % full);
                    code.adds_up(sum, value);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn latencies_are_right_for_long_runs(full in 1..=MAX_FULL, ticks in 1u16.., least: u8, values in proptest::collection::vec(any::<u8>(), 1..6)) {
            let code = Code { coding: Coding::Latency, full, least };
            let mut encoder = Encoder::new(code, ticks);
            let mut found = vec![None; values.len()];
            for tick in 0..u32::from(ticks) {
                for line in encoder.tick(&values).unwrap() {
                    prop_assert_eq!(found[usize::from(line)].replace(tick), None);
                }
            }
            prop_assert_eq!(encoder.tick(&values), None);
            let expected: Vec<_> = values.iter().map(|&value| code.tick_of(value, ticks.into())).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn rates_are_shares(full in 1..=MAX_FULL, ticks in 0u16..300, values in proptest::collection::vec(any::<u8>(), 1..20)) {
            let code = Code { coding: Coding::Rate, full, least: 0 };
            let spikes = tick_by_tick(code, &values, ticks);
            prop_assert_eq!(&spikes, &code.encode(&values, ticks.into()));
            for (line, &value) in (0u16..).zip(&values) {
                let count = spikes.iter().filter(|lines| lines.contains(&line)).count() as u32;
                let v = u32::from(full.min(value.into()));
                prop_assert_eq!(count, (v * u32::from(ticks) + u32::from(full / 2)) / u32::from(full));
            }
        }
    }
}
