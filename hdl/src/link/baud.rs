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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_exact_to_a_thousandth_or_refused() {
        for clock_hz in [12_000_000, 25_000_000, 50_000_000, 100_000_000, 150_000_000, 170_000_000] {
            for baud in [9_600, 115_200, 1_000_000, 3_000_000] {
                let made =
                    phase_increment(clock_hz, baud).unwrap() as f64 * clock_hz as f64 / (1u64 << PHASE_BITS) as f64;
                assert!((made / baud as f64 - 1.0).abs() < 1e-3, "{clock_hz} Hz: {baud} became {made}");
            }
        }
        assert!(phase_increment(12, 3).is_ok());
        assert_eq!(phase_increment(12, 4), Err(BaudError { clock_hz: 12, baud: 4 }));
        assert!(phase_increment(0, 1).is_err());
        assert!(phase_increment(100_000_000, 0).is_err());
    }
}
