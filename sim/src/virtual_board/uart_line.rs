//! Bits on the pins of the UART: one start bit, eight data bits from the least significant on, one stop bit.

use crate::board::Activity;
use rust_hdl_netsim::{Error, Input, Output, Simulator};
use std::collections::VecDeque;

/// Bits of a byte on the line.
const BITS: u32 = 10;
/// Clocks after the last bit before the RTL's word that it is quiet counts: its inputs pass through synchronising flip-flops.
const SETTLE: u64 = 16;

pub(super) struct UartLine {
    rxd: Input,
    txd: Output,
    clocks_per_bit: u32,
    /// What is on its way to the board: its bits, and the clocks that it has been.
    sending: Option<(u64, u32)>,
    /// What is on its way from the board: its bits so far, and the clocks since its start bit began.
    receiving: Option<(u64, u32)>,
    /// First clock in which the RTL can have heard of the last bit.
    settled: u64,
}

impl UartLine {
    pub fn new(simulator: &mut Simulator, clocks_per_bit: u32) -> Result<Self, Error> {
        let rxd = simulator.input("rxd")?;
        simulator.set(rxd, 1);
        Ok(Self { rxd, txd: simulator.output("txd")?, clocks_per_bit, sending: None, receiving: None, settled: 0 })
    }

    /// Runs until `quiet` with the line idle and no input left, to the end of a byte from the board, or to the clock `end`.
    pub fn exchange(
        &mut self,
        simulator: &mut Simulator,
        quiet: Output,
        end: u64,
        input: &mut VecDeque<u8>,
        output: &mut VecDeque<u8>,
    ) -> Activity {
        while simulator.cycle() < end {
            if self.sending.is_none() {
                self.sending = input.pop_front().map(|byte| (1 << (BITS - 1) | (byte as u64) << 1, 0));
            }
            if self.sending.is_some() {
                self.settled = simulator.cycle() + SETTLE;
            }
            let line_is_idle = self.receiving.is_none() && simulator.cycle() >= self.settled;
            if line_is_idle && simulator.get(quiet) == 1 && simulator.get(self.txd) == 1 {
                return Activity::Quiet;
            }
            simulator.set(self.rxd, self.send());
            let byte = self.receive(simulator.get(self.txd));
            simulator.clock();
            if let Some(byte) = byte {
                output.push_back(byte);
                return Activity::Busy;
            }
        }
        Activity::Busy
    }

    /// Level of the line to the board in this clock.
    fn send(&mut self) -> u64 {
        let Some((bits, clocks)) = self.sending else { return 1 };
        let next = clocks + 1;
        self.sending = (next < BITS * self.clocks_per_bit).then_some((bits, next));
        bits >> (clocks / self.clocks_per_bit) & 1
    }

    /// Takes the level of the line from the board in this clock; returns a byte that is whole.
    fn receive(&mut self, level: u64) -> Option<u8> {
        let Some((mut bits, clocks)) = self.receiving else {
            self.receiving = (level == 0).then_some((0, 1));
            return None;
        };
        let bit = clocks / self.clocks_per_bit;
        if clocks % self.clocks_per_bit == self.clocks_per_bit / 2 {
            bits |= level << bit;
        }
        let whole = bit == BITS - 1 && clocks % self.clocks_per_bit == self.clocks_per_bit / 2;
        self.receiving = (!whole).then_some((bits, clocks + 1));
        // A start bit is low, a stop bit high; anything else was no byte.
        (whole && bits & 1 == 0 && level == 1).then_some((bits >> 1) as u8)
    }
}
