//! The integer arithmetic of one neuron in one tick: the normative definition of what a neuron does.
//!
//! In tick `t`, with membrane `v` (signed, [`crate::CoreConfig::membrane_bits`] bits):
//!
//! 1. **integrate** `v += w` for the weight `w` of every axon whose event is due,
//! 2. **fire** `s = v >= threshold`; where `s`: `v <- 0` or `v <- v - threshold`,
//! 3. **leak** `v <- v * leak / 512`, rounded toward zero, then clamped to [`clamp_limits`].
//!
//! This is the leaky integrate-and-fire neuron `v = beta * v + x; spike if v >= threshold; reset` with the leak at the
//! end of a tick instead of at the start of the next. The clamp leaves room for every axon firing with the largest
//! weight in the next tick, so step 1 cannot overflow and the order of events does not matter. A core with two banks has a bit
//! more for the weights of its second 512 axons; thresholds and clamp are those of one bank, so that a neuron computes the same in either.
//! In a chain ([`crate::chain`]) steps 2 and 3 are done to the sum of the membranes of its cores, as [`chain_sum`] has it.

use crate::geometry::{AXONS, WeightBits};
use serde::{Deserialize, Serialize};

/// The leak factor that keeps a membrane as it is: `leak` counts in 512ths.
pub const LEAK_ONE: u16 = 512;

/// What a neuron's membrane becomes when it fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reset {
    /// `v <- 0`
    #[default]
    Zero,
    /// `v <- v - threshold`
    Subtract,
}

/// Parameters of one neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parameters {
    /// Fires at `v >= threshold`; 1 to [`max_threshold`]. (A cleared array holds 0, which fires in every update.)
    pub threshold: u32,
    /// Leak factor in 512ths, 0 (forgets all) to 512 (keeps all).
    pub leak: u16,
    pub reset: Reset,
}

impl Parameters {
    /// A neuron that no input can make fire, and that remembers nothing: what fills unused lanes.
    pub const fn silent(bits: WeightBits) -> Self {
        Self { threshold: max_threshold(bits), leak: 0, reset: Reset::Zero }
    }
}

/// Largest threshold: the largest value of a membrane in a core with one bank.
pub const fn max_threshold(bits: WeightBits) -> u32 {
    (1 << (bits.membrane_bits() - 1)) - 1
}

/// Inclusive range to which a membrane is clamped at the end of a tick: the membrane's range in a core with one bank less what
/// all its [`AXONS`] can add with the weight of largest magnitude. INT4: -12,288..=12,287, INT8: -65,536..=65,535.
pub const fn clamp_limits(bits: WeightBits) -> (i32, i32) {
    let limit = (1 << (bits.membrane_bits() - 1)) + bits.min_weight() * AXONS as i32;
    (-limit, limit - 1)
}

/// What the neuron unit of the last core of a chain makes of the sum of their membranes, before step 2.
///
/// INT4: 16 bits, which no chain of up to [`crate::chain::MAX_CHAIN`] cores leaves, as its chained cores begin a tick at 0: -12,288 - 4 * 4,096 =
/// -28,672 is the lowest sum. INT8: saturated to the 18 bits that the unit takes, -131,072..=131,071; on its way there it has 20 bits, which no sum
/// of four membranes leaves. A host that chains more cores, or cores whose membranes are not 0, may leave these bits: then the sum wraps around in them.
pub const fn chain_sum(sum: i32, bits: WeightBits) -> i32 {
    match bits {
        WeightBits::Four => wrapped(sum, 16),
        WeightBits::Eight => {
            let (sum, limit) = (wrapped(sum, 20), 1 << (bits.membrane_bits() - 1));
            if sum < -limit {
                -limit
            } else if sum >= limit {
                limit - 1
            } else {
                sum
            }
        }
    }
}

/// The low bits of a number in two's complement.
const fn wrapped(v: i32, bits: u32) -> i32 {
    v << (32 - bits) >> (32 - bits)
}

/// Step 2. Returns whether the neuron fires, and its membrane after the reset.
pub const fn fire(v: i32, parameters: &Parameters) -> (bool, i32) {
    let above = v - parameters.threshold as i32;
    match (above >= 0, parameters.reset) {
        (false, _) => (false, v),
        (true, Reset::Zero) => (true, 0),
        (true, Reset::Subtract) => (true, above),
    }
}

/// Step 3. `leak` in 512ths, 0..=512.
pub const fn leak(v: i32, leak: u16, bits: WeightBits) -> i32 {
    // Division in Rust rounds toward zero, as the definition asks.
    let leaked = v * leak as i32 / LEAK_ONE as i32;
    let (low, high) = clamp_limits(bits);
    if leaked < low {
        low
    } else if leaked > high {
        high
    } else {
        leaked
    }
}

/// Steps 2 and 3: one turn of a membrane through its neuron unit.
pub const fn update(v: i32, parameters: &Parameters, bits: WeightBits) -> (bool, i32) {
    let (spike, v) = fire(v, parameters);
    (spike, leak(v, parameters.leak, bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::MAX_CHAIN;
    use crate::{Contexts, CoreConfig};
    use proptest::prelude::*;

    fn any_bits() -> impl Strategy<Value = WeightBits> {
        prop_oneof![Just(WeightBits::Four), Just(WeightBits::Eight)]
    }
    fn any_parameters(bits: WeightBits) -> impl Strategy<Value = Parameters> {
        let reset = prop_oneof![Just(Reset::Zero), Just(Reset::Subtract)];
        (1..=max_threshold(bits), 0..=LEAK_ONE, reset).prop_map(|(threshold, leak, reset)| Parameters {
            threshold,
            leak,
            reset,
        })
    }

    #[test]
    fn clamp_limits_are_as_documented() {
        assert_eq!(clamp_limits(WeightBits::Four), (-12288, 12287));
        assert_eq!(clamp_limits(WeightBits::Eight), (-65536, 65535));
    }

    #[test]
    fn every_axon_at_once_does_not_overflow() {
        for (bits, banks) in [(WeightBits::Four, 1), (WeightBits::Eight, 1), (WeightBits::Four, 2)] {
            let (contexts, chain) = (Contexts::ONE, false);
            let core = CoreConfig { tiles: 1, tiles_per_unit: 1, weight_bits: bits, contexts, banks, chain };
            let (low, high) = clamp_limits(bits);
            let range = 1i32 << (core.membrane_bits() - 1);
            assert!(low + core.axons() as i32 * bits.min_weight() >= -range);
            assert!(high + core.axons() as i32 * bits.max_weight() < range);
            // No more than the multiplier takes.
            assert!(core.membrane_bits() <= 18);
        }
    }

    #[test]
    fn the_longest_chain_is_exact_and_saturates_only_as_int8() {
        for bits in [WeightBits::Four, WeightBits::Eight] {
            let (low, high) = clamp_limits(bits);
            let lowest = low + (MAX_CHAIN * AXONS) as i32 * bits.min_weight();
            let highest = high + (MAX_CHAIN * AXONS) as i32 * bits.max_weight();
            for sum in [lowest, highest] {
                let exact = chain_sum(sum, bits) == sum;
                assert_eq!(exact, bits == WeightBits::Four, "{sum}");
            }
        }
        let int8 = |sum| chain_sum(sum, WeightBits::Eight);
        assert_eq!([-131_072, -131_073, -4 * 131_072].map(int8), [-131_072; 3]);
        assert_eq!([131_071, 131_072, 4 * 131_071].map(int8), [131_071; 3]);
        // What only a host can bring about that does not keep to the limits.
        assert_eq!(int8(5 * 131_071), -131_072);
        assert_eq!(chain_sum(4 * 16_383, WeightBits::Four), -4);
    }

    proptest! {
        #[test]
        fn an_update_stays_in_the_clamped_range(
            (bits, parameters, v) in any_bits().prop_flat_map(|bits| {
                let range = 1i32 << (bits.membrane_bits() - 1);
                (Just(bits), any_parameters(bits), -range..range)
            })
        ) {
            let (low, high) = clamp_limits(bits);
            let (spike, after) = update(v, &parameters, bits);
            prop_assert!((low..=high).contains(&after));
            prop_assert_eq!(spike, v >= parameters.threshold as i32);
        }

        #[test]
        fn the_leak_is_symmetric_within_the_range(v in 0i32..12288, factor in 0u16..=LEAK_ONE) {
            prop_assert_eq!(leak(-v, factor, WeightBits::Four), -leak(v, factor, WeightBits::Four));
        }

        #[test]
        fn a_silent_leaking_membrane_reaches_zero(v in -12288i32..12288, factor in 0u16..LEAK_ONE) {
            let mut now = v;
            // The slowest leak, 511/512, loses at least one a tick.
            for _ in 0..v.unsigned_abs() { now = leak(now, factor, WeightBits::Four); }
            prop_assert_eq!(now, 0);
        }

        #[test]
        fn a_full_leak_factor_keeps_a_clamped_membrane(v in -12288i32..12288) {
            prop_assert_eq!(leak(v, LEAK_ONE, WeightBits::Four), v);
        }
    }
}
