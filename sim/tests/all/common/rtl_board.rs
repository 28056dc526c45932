//! The RTL in rust-hdl's own simulator.

use nernst_hdl::soc::Soc;
use nernst_sim::{Activity, Board, BoardError};
use nernst_spec::ArrayConfig;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::simulate::Stepper;
use std::collections::VecDeque;

pub struct RtlBoard {
    soc: Stepper<Soc>,
}

impl RtlBoard {
    pub fn new(config: &ArrayConfig) -> Self {
        let mut soc = Stepper::new(Soc::new(config).unwrap(), |u, level| u.clock.next = level.into()).unwrap();
        soc.uut.tx_ready.next = true;
        Self { soc }
    }
}

impl Board for RtlBoard {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        // The RTL's word that it is quiet counts some clocks after a byte.
        let mut settled = 0;
        for clock in 0..2000 {
            let byte = input.pop_front();
            settled = if byte.is_some() { clock + 4 } else { settled };
            self.soc.uut.rx_valid.next = byte.is_some();
            self.soc.uut.rx_data.next = bits(byte.unwrap_or(0) as u64);
            self.soc.settle();
            if self.soc.uut.tx_valid.val() {
                output.push_back(self.soc.uut.tx_data.val().index() as u8);
            } else if self.soc.uut.quiet.val() && clock > settled {
                return Ok(Activity::Quiet);
            }
            self.soc.tick();
        }
        Ok(Activity::Busy)
    }
}
