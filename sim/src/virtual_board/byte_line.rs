//! Whole bytes, valid and ready, as they pass between UART and link.

use crate::board::Activity;
use nernst_hdl::link::{QUIET_LATENCY, RX_CLOCKS_PER_BYTE};
use rust_hdl_netsim::{Error, Input, Output, Simulator};
use std::collections::VecDeque;

pub(super) struct ByteLine {
    rx_data: Input,
    rx_valid: Input,
    tx_data: Output,
    tx_valid: Output,
}

impl ByteLine {
    pub fn new(simulator: &mut Simulator) -> Result<Self, Error> {
        // The host takes every byte at once.
        let tx_ready = simulator.input("tx_ready")?;
        simulator.set(tx_ready, 1);
        Ok(Self {
            rx_data: simulator.input("rx_data")?,
            rx_valid: simulator.input("rx_valid")?,
            tx_data: simulator.output("tx_data")?,
            tx_valid: simulator.output("tx_valid")?,
        })
    }

    /// Runs until `quiet` with no input left, or to the clock `end`.
    pub fn exchange(
        &mut self,
        simulator: &mut Simulator,
        quiet: Output,
        end: u64,
        input: &mut VecDeque<u8>,
        output: &mut VecDeque<u8>,
    ) -> Activity {
        while simulator.cycle() < end
            && let Some(byte) = input.pop_front()
        {
            simulator.set(self.rx_data, byte as u64);
            simulator.set(self.rx_valid, 1);
            self.clock(simulator, output);
            simulator.set(self.rx_valid, 0);
            let pause = if input.is_empty() { QUIET_LATENCY } else { RX_CLOCKS_PER_BYTE - 1 };
            (0..pause).for_each(|_| self.clock(simulator, output));
        }
        while simulator.cycle() < end {
            simulator.run(end - simulator.cycle(), &[(self.tx_valid, 1), (quiet, 1)]);
            if simulator.get(self.tx_valid) == 1 {
                self.clock(simulator, output);
            } else if simulator.get(quiet) == 1 {
                return if input.is_empty() { Activity::Quiet } else { Activity::Busy };
            }
        }
        Activity::Busy
    }

    fn clock(&self, simulator: &mut Simulator, output: &mut VecDeque<u8>) {
        if simulator.get(self.tx_valid) == 1 {
            output.push_back(simulator.get(self.tx_data) as u8);
        }
        simulator.clock();
    }
}
