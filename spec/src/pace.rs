//! Ticks at the pace of a clock.
//!
//! Without a pace an array runs each tick as soon as it is told to. With one, ticks are due at times of the board's own clock: the first at once, each that follows one
//! *period* after the one before was due. A tick begins when it is due, or, if the tick before it has not ended by then or the host has not yet sent its spikes, as
//! soon as it can: then it is **late**, and the board says so of each ([`crate::link::stream::Event::Late`]). What is late moves nothing: ticks are due when they
//! would have been, so that an array that was held up catches up.
//!
//! Time is not part of what a network computes: spikes, membranes and counters are the same at any pace, and the reference model, which has no clock, is never late.
//!
//! The one word of [`crate::memory::Space::Pace`] is the period in clocks, in its low 32 bits; 0: no pace. It is written only. Each write begins anew: the next tick is the first.
//! So does a synchronisation, without a pace.

/// Shortest period in clocks. One that is shorter counts as this much more.
pub const MIN_PERIOD: u32 = 16;
/// Ticks that are due and have not begun, at most: of more the board forgets when they were due, and goes on from there.
pub const MAX_DUE: usize = (1 << 16) - 1;

/// The period of this pace in clocks of a board, as near as it comes.
///
/// `None` when it is shorter than [`MIN_PERIOD`] or longer than 2^32 - 1 clocks.
pub fn period(seconds: f64, clock_hz: u32) -> Option<u32> {
    let clocks = (seconds * f64::from(clock_hz)).round();
    (f64::from(MIN_PERIOD)..=f64::from(u32::MAX)).contains(&clocks).then_some(clocks as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_number_of_clocks() {
        assert_eq!(period(1e-3, 170_000_000), Some(170_000));
        assert_eq!(period(1e-6, 3_333_333), None);
        assert_eq!(period(30.0, 170_000_000), None);
        assert_eq!((period(f64::NAN, 1), period(-1.0, 1_000_000)), (None, None));
    }
}
