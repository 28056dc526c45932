//! Bytes to a serial line.

use super::baud::{BaudError, PHASE_BITS, SUM_BITS, phase_increment};
use rust_hdl::prelude::*;

/// 8N1 transmitter for any rate of at least four clocks per bit, whole or not.
///
/// ```text
/// valid  _/~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
/// data   -< byte          ><next byte
/// ready  _/~\______________ .. ____/~\_____     the byte is taken in a clock where both are high
/// txd    ~~~~\start<b0 ><b1 > .. <b7 >/stop~\start
/// ```
/// Bytes follow each other with one clock between a stop bit and the next start bit. Single bits are up to a clock longer or
/// shorter than the rest, their sum is not.
#[derive(LogicBlock)]
pub struct UartTransmitter {
    pub clock: Signal<In, Clock>,
    pub data: Signal<In, Bits<8>>,
    pub valid: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    pub txd: Signal<Out, Bit>,
    /// The line is idle.
    pub quiet: Signal<Out, Bit>,
    /// Data bits still to send, least significant first, above them the stop bit.
    shift: DFF<Bits<9>>,
    /// The inverted line: its power-up value 0 is an idle line.
    line_low: DFF<Bit>,
    phase: DFF<Bits<PHASE_BITS>>,
    active: DFF<Bit>,
    bit_over: DFF<Bit>,
    sum: Signal<Local, Bits<SUM_BITS>>,
    increment: Constant<Bits<SUM_BITS>>,
}

impl UartTransmitter {
    /// A transmitter of `baud` bits a second with a clock of `clock_hz`.
    pub fn new(clock_hz: u32, baud: u32) -> Result<Self, BaudError> {
        Ok(Self {
            clock: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            ready: Default::default(),
            txd: Default::default(),
            quiet: Default::default(),
            shift: Default::default(),
            line_low: Default::default(),
            phase: Default::default(),
            active: Default::default(),
            bit_over: Default::default(),
            sum: Default::default(),
            increment: Constant::new(phase_increment(clock_hz, baud)?.into()),
        })
    }
}

impl Logic for UartTransmitter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, shift, line_low, phase, active, bit_over);
        self.txd.next = !self.line_low.q.val();
        self.ready.next = !self.active.q.val();
        self.quiet.next = !self.active.q.val();
        self.sum.next = bit_cast::<SUM_BITS, PHASE_BITS>(self.phase.q.val()) + self.increment.val();
        if self.active.q.val() {
            self.phase.d.next = bit_cast::<PHASE_BITS, SUM_BITS>(self.sum.val());
            // The accumulator overflows at the end of every bit, which is known a clock later.
            self.bit_over.d.next = self.sum.val().get_bit(24);
            if self.bit_over.q.val() {
                self.bit_over.d.next = false;
                self.line_low.d.next = !self.shift.q.val().get_bit(0);
                self.shift.d.next = self.shift.q.val() >> 1;
                if self.shift.q.val() == 0 {
                    self.active.d.next = false;
                    self.line_low.d.next = false;
                }
            }
        } else {
            self.phase.d.next = bits::<PHASE_BITS>(0);
            if self.valid.val() {
                self.shift.d.next = bit_cast::<9, 8>(self.data.val()) | 0x100;
                self.line_low.d.next = true;
                self.active.d.next = true;
            }
        }
    }
}
