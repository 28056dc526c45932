//! Samples over the wire: from the first bit that the host sends to the last that it hears.
//!
//! The whole chip runs, its UART bit by bit, with a host that takes no time: what is measured is the wire, the link and the array. Clocks in which the
//! chip has nothing to do and no bit is on the wire do not pass.

use super::{BenchError, Kind, Workload};
use crate::port::Direct;
use crate::runner::symmetric_difference;
use crate::session::{RESET_STATE, Session};
use crate::stack::with_large_stack;
use nernst_sim::virtual_board::{Line, Options};
use nernst_sim::{Activity, Board, BoardError, ReferenceArray, VirtualBoard};
use nernst_spec::ArrayConfig;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Clocks and bytes of samples that run one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndToEnd {
    /// The nearest to the configuration's bits a second.
    pub clocks_per_bit: u32,
    pub samples: u64,
    /// Clocks from the first bit to the board to the last bit from it.
    pub mean: f64,
    pub worst: u64,
    pub bytes_out: u64,
    pub bytes_in: u64,
    /// Spikes that only the chip or only the reference model sent.
    pub mismatches: u64,
}

/// A board that the session has and that can still be asked for its clocks.
#[derive(Clone)]
struct Shared(Arc<Mutex<VirtualBoard>>);

impl Shared {
    /// A board that panicked is not used again, so what it left behind does no harm.
    fn with<R>(&self, what: impl FnOnce(&mut VirtualBoard) -> R) -> R {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Board for Shared {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        self.with(|board| board.exchange(input, output))
    }
}

/// Runs so many digits of the shipped network on a chip of this configuration, at its baud.
pub fn end_to_end(config: &ArrayConfig, images: usize) -> Result<EndToEnd, BenchError> {
    // At least four, as the check of a configuration demands.
    let clocks_per_bit = (f64::from(config.clock_hz) / f64::from(config.baud)).round() as u32;
    let workload = Workload::new(Kind::Digits, config, images, 0)?;
    let options = Options { line: Line::Uart { clocks_per_bit }, ..Options::default() };
    let board = Shared(Arc::new(Mutex::new(with_large_stack(|| VirtualBoard::new(config, &options))??)));
    let mut session = Session::open(Box::new(Direct::new("UART", board.clone())))?;
    session.load(&workload.image, |_, _| {})?;
    let mut model = ReferenceArray::new(config);
    model.load(&workload.image)?;
    let mut sum =
        EndToEnd { clocks_per_bit, samples: 0, mean: 0.0, worst: 0, bytes_out: 0, bytes_in: 0, mismatches: 0 };
    let mut clocks = 0;
    for run in &workload.runs {
        session.reset(RESET_STATE)?;
        session.flush()?;
        model.reset(RESET_STATE);
        let (begin, before) = (board.with(|board| board.clocks()), session.statistics());
        let ticks = session.run(run)?;
        let (end, after) = (board.with(|board| board.last_byte()), session.statistics());
        for (lines, spikes) in run.iter().zip(&ticks) {
            lines.iter().try_for_each(|&line| model.input(line))?;
            sum.mismatches += symmetric_difference(spikes, &model.tick());
        }
        clocks += end - begin;
        sum.worst = sum.worst.max(end - begin);
        sum.bytes_out += after.bytes_out - before.bytes_out;
        sum.bytes_in += after.bytes_in - before.bytes_in;
        sum.samples += 1;
    }
    sum.mean = clocks as f64 / sum.samples.max(1) as f64;
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_takes_what_its_bits_take_and_a_little_more() {
        let config = ArrayConfig { baud: 12_500_000, ..ArrayConfig::ready("tiny").unwrap() };
        let sum = end_to_end(&config, 2).unwrap();
        assert_eq!((sum.clocks_per_bit, sum.samples, sum.mismatches), (4, 2, 0));
        // Both directions, and some hundred clocks for each of 17 ticks.
        let bits = 10.0 * (sum.bytes_out + sum.bytes_in) as f64 / 2.0;
        assert!(sum.mean > 4.0 * bits && sum.mean < 4.0 * bits + 17.0 * 500.0, "{sum:?}");
        assert!(sum.worst as f64 >= sum.mean && sum.bytes_in > 0);
    }
}
