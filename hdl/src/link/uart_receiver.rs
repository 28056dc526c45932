//! Bytes from a serial line.

use super::baud::{BaudError, PHASE_BITS, SUM_BITS, phase_increment};
use rust_hdl::prelude::*;

/// Where the receiver is within a byte.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum ReceiverState {
    Idle,
    Data,
    Stop,
    Break,
}

/// 8N1 receiver for any rate of at least four clocks per bit, whole or not.
///
/// ```text
/// rxd    ~~~\___<b0 ><b1 > .. <b7 >/~~~
///             ^    ^    ^  ..   ^    ^        sampling points, in the middle of a bit
/// valid  __________________________/~\_       one clock, half a stop bit after its beginning
/// data   ---------------------------<b>--      until the next byte begins
/// ```
/// The line goes through two flip-flops against metastability; a bit is what two of three consecutive clocks say. The middle
/// of a bit is found by a phase accumulator of 24 bits, so the rate is right to better than a thousandth.
/// A start bit that is gone in its middle was a glitch. A byte whose stop bit is low is dropped, as is
/// all that follows until the line is high again: the frame's CRC notices.
#[derive(LogicBlock)]
pub struct UartReceiver {
    pub clock: Signal<In, Clock>,
    pub rxd: Signal<In, Bit>,
    pub data: Signal<Out, Bits<8>>,
    /// High for one clock with every byte on `data`.
    pub valid: Signal<Out, Bit>,
    /// No byte is under way.
    pub quiet: Signal<Out, Bit>,
    // These four hold the inverted line: their power-up value 0 is an idle line.
    metastable: DFF<Bit>,
    newest: DFF<Bit>,
    middle: DFF<Bit>,
    oldest: DFF<Bit>,
    state: DFF<ReceiverState>,
    phase: DFF<Bits<PHASE_BITS>>,
    shift: DFF<Bits<8>>,
    count: DFF<Bits<4>>,
    arrived: DFF<Bit>,
    low: Signal<Local, Bit>,
    sum: Signal<Local, Bits<SUM_BITS>>,
    increment: Constant<Bits<SUM_BITS>>,
    half: Constant<Bits<PHASE_BITS>>,
}

impl UartReceiver {
    /// A receiver for `baud` bits a second with a clock of `clock_hz`.
    pub fn new(clock_hz: u32, baud: u32) -> Result<Self, BaudError> {
        let increment = phase_increment(clock_hz, baud)?;
        // When a start bit is seen, the majority is a clock late already.
        let half = ((1 << (PHASE_BITS - 1)) + increment).min((1 << PHASE_BITS) - 1);
        Ok(Self {
            clock: Default::default(),
            rxd: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            quiet: Default::default(),
            metastable: Default::default(),
            newest: Default::default(),
            middle: Default::default(),
            oldest: Default::default(),
            state: Default::default(),
            phase: Default::default(),
            shift: Default::default(),
            count: Default::default(),
            arrived: Default::default(),
            low: Default::default(),
            sum: Default::default(),
            increment: Constant::new(increment.into()),
            half: Constant::new(half.into()),
        })
    }
}

impl Logic for UartReceiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, metastable, newest, middle, oldest, state, phase, shift, count, arrived);
        self.metastable.d.next = !self.rxd.val();
        self.newest.d.next = self.metastable.q.val();
        self.middle.d.next = self.newest.q.val();
        self.oldest.d.next = self.middle.q.val();
        self.low.next = (self.newest.q.val() & self.middle.q.val())
            | (self.middle.q.val() & self.oldest.q.val())
            | (self.newest.q.val() & self.oldest.q.val());
        self.sum.next = bit_cast::<SUM_BITS, PHASE_BITS>(self.phase.q.val()) + self.increment.val();
        self.data.next = self.shift.q.val();
        self.valid.next = self.arrived.q.val();
        self.arrived.d.next = false;
        self.quiet.next = (self.state.q.val() == ReceiverState::Idle)
            & self.rxd.val()
            & !(self.metastable.q.val() | self.newest.q.val() | self.middle.q.val() | self.arrived.q.val());
        if self.state.q.val() == ReceiverState::Idle {
            self.phase.d.next = self.half.val();
            self.count.d.next = bits::<4>(0);
            if self.low.val() {
                self.state.d.next = ReceiverState::Data;
            }
        } else {
            self.phase.d.next = bit_cast::<PHASE_BITS, SUM_BITS>(self.sum.val());
            // The accumulator overflows in the middle of every bit.
            if self.sum.val().get_bit(24) & (self.state.q.val() != ReceiverState::Break) {
                if self.state.q.val() == ReceiverState::Data {
                    self.count.d.next = self.count.q.val() + 1;
                    self.shift.d.next = self.shift.q.val() >> 1;
                    if !self.low.val() {
                        self.shift.d.next = (self.shift.q.val() >> 1) | 0x80;
                    }
                    if (self.count.q.val() == 0) & !self.low.val() {
                        self.state.d.next = ReceiverState::Idle;
                    }
                    if self.count.q.val() == 8 {
                        self.state.d.next = ReceiverState::Stop;
                    }
                } else {
                    self.state.d.next = ReceiverState::Idle;
                    self.arrived.d.next = !self.low.val();
                    if self.low.val() {
                        self.state.d.next = ReceiverState::Break;
                    }
                }
            }
        }
        if (self.state.q.val() == ReceiverState::Break) & !self.low.val() {
            self.state.d.next = ReceiverState::Idle;
        }
    }
}
