//! The phase accumulator that makes a baud rate from a clock.

/// Bits of a phase accumulator; one bit of the line is 2^24 of it.
pub const PHASE_BITS: usize = 24;
/// With the carry that ends a bit.
pub const SUM_BITS: usize = PHASE_BITS + 1;
/// Fewest clocks that a bit of the line may last: the receiver looks at three of them.
pub const MIN_CLOCKS_PER_BIT: u32 = 4;

/// A rate that a UART cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{baud} baud from a clock of {clock_hz} Hz: a bit needs at least {MIN_CLOCKS_PER_BIT} clocks and at most 2^24; choose a \
     faster clock or another rate"
)]
pub struct BaudError {
    pub clock_hz: u32,
    pub baud: u32,
}

/// What is added to the phase in every clock.
pub fn phase_increment(clock_hz: u32, baud: u32) -> Result<u64, BaudError> {
    let increment = (((baud as u64) << PHASE_BITS) + clock_hz as u64 / 2).checked_div(clock_hz as u64).unwrap_or(0);
    let fits = (1..=(1 << PHASE_BITS) / MIN_CLOCKS_PER_BIT as u64).contains(&increment);
    if fits { Ok(increment) } else { Err(BaudError { clock_hz, baud }) }
}
