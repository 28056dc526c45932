//! The RTL in rust-hdl's own simulator: slow, and no Verilog in between.

use crate::board::{Activity, Board, BoardError};
use nernst_hdl::link::{QUIET_LATENCY, RX_CLOCKS_PER_BYTE};
use nernst_hdl::soc::Soc;
use nernst_spec::ArrayConfig;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::simulate::{SimulateError, Stepper};
use std::collections::VecDeque;

/// Clocks that one call runs at most.
const BURST: usize = 2_000;

/// The RTL of an array and its link, as rust-hdl simulates it; bytes pass where the UART would hand them on.
///
/// Much slower than [`crate::VirtualBoard`], and there for the other side of a comparison: rust-hdl's simulator and the
/// Verilog that it generates are two readings of one source.
pub struct RustHdlBoard {
    soc: Stepper<Soc>,
}

impl RustHdlBoard {
    /// A board for an array of this shape.
    pub fn new(config: &ArrayConfig) -> Result<Self, BoardError> {
        let failed = |error: &dyn std::fmt::Display| BoardError::Failed(error.to_string());
        let soc = Soc::new(config).map_err(|error| failed(&error))?;
        let mut soc = Stepper::new(soc, |u, level| u.clock.next = level.into()).map_err(|error| failed(&error))?;
        // The host takes every byte at once.
        soc.uut.tx_ready.next = true;
        Ok(Self { soc })
    }
}

impl Board for RustHdlBoard {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        let failed = |error: SimulateError| BoardError::Failed(error.to_string());
        let mut settled = 0;
        for clock in 0..BURST {
            let byte = if clock % RX_CLOCKS_PER_BYTE == 0 { input.pop_front() } else { None };
            settled = if byte.is_some() { clock + QUIET_LATENCY } else { settled };
            self.soc.uut.rx_valid.next = byte.is_some();
            self.soc.uut.rx_data.next = bits(byte.unwrap_or(0) as u64);
            self.soc.try_settle().map_err(failed)?;
            if self.soc.uut.tx_valid.val() {
                output.push_back(self.soc.uut.tx_data.val().index() as u8);
            } else if self.soc.uut.quiet.val() && clock > settled && input.is_empty() {
                return Ok(Activity::Quiet);
            }
            self.soc.try_edge().map_err(failed)?;
        }
        Ok(Activity::Busy)
    }
}
