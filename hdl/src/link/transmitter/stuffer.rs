//! COBS, and the way of a frame to the line.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{DffInit, DistributedRam};

/// Stuffs the bytes of a frame into a buffer as they come, and then sends it with its delimiter.
///
/// A COBS code counts the bytes up to the next zero, so its place is kept free until that zero comes; `finish` writes the last
/// code as if one did. Then the frame leaves at the pace of `tx_ready`, a byte in every third clock at most. Bytes of the next
/// frame may come when it is no longer `busy`.
///
/// ```text
/// clock     _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// put       _/~~~~~~~\___________________________
/// data      -<b  >< 0>---------------------------
/// finish    _________/~~~\_______________________
/// busy      _____________/~~~~~~~~~~~~~~~~~~~~~~~     until the delimiter is taken
/// tx_valid  _________________________________/~~~     six clocks after finish
/// tx_data   ---------------------------------< 2      the code of the bytes before the zero
/// ```
#[derive(LogicBlock)]
pub struct Stuffer {
    pub clock: Signal<In, Clock>,
    /// A byte of the frame.
    pub put: Signal<In, Bit>,
    pub data: Signal<In, Bits<8>>,
    /// The frame is whole.
    pub finish: Signal<In, Bit>,
    pub busy: Signal<Out, Bit>,
    /// To the line.
    pub tx_data: Signal<Out, Bits<8>>,
    pub tx_valid: Signal<Out, Bit>,
    pub tx_ready: Signal<In, Bit>,

    /// In quarters, of which each is a short way from address to byte.
    buffer: [DistributedRam<8, 6>; 4],
    // What came.
    came: DFF<Bit>,
    ended: DFF<Bit>,
    byte_now: DFF<Bits<8>>,
    is_zero: DFF<Bit>,
    /// Where the next byte goes, and where the COBS code that counts it will go.
    fill: DffInit<Bits<8>>,
    code_at: DFF<Bits<8>>,
    // The buffer's write port.
    writing: DFF<Bit>,
    write_at: DFF<Bits<8>>,
    written: DFF<Bits<8>>,
    whole: DFF<Bit>,
    /// The next byte to send, and the clocks of reading it.
    index: DFF<Bits<8>>,
    sending: DFF<Bit>,
    fetching: DFF<Bits<2>>,
    fetched: DFF<Bit>,
    quarter_0: DFF<Bits<8>>,
    quarter_1: DFF<Bits<8>>,
    quarter_2: DFF<Bits<8>>,
    quarter_3: DFF<Bits<8>>,
    chosen: DFF<Bits<8>>,
    at_end: DFF<Bit>,
    out: DFF<Bits<8>>,
    out_valid: DFF<Bit>,

    give: Signal<Local, Bit>,
    quarter: Signal<Local, Bits<2>>,
}

impl Default for Stuffer {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            put: Default::default(),
            data: Default::default(),
            finish: Default::default(),
            busy: Default::default(),
            tx_data: Default::default(),
            tx_valid: Default::default(),
            tx_ready: Default::default(),
            buffer: Default::default(),
            came: Default::default(),
            ended: Default::default(),
            byte_now: Default::default(),
            is_zero: Default::default(),
            fill: DffInit::new(bits::<8>(1)),
            code_at: Default::default(),
            writing: Default::default(),
            write_at: Default::default(),
            written: Default::default(),
            whole: Default::default(),
            index: Default::default(),
            sending: Default::default(),
            fetching: Default::default(),
            fetched: Default::default(),
            quarter_0: Default::default(),
            quarter_1: Default::default(),
            quarter_2: Default::default(),
            quarter_3: Default::default(),
            chosen: Default::default(),
            at_end: Default::default(),
            out: Default::default(),
            out_valid: Default::default(),
            give: Default::default(),
            quarter: Default::default(),
        }
    }
}

impl Logic for Stuffer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, came, ended, byte_now, is_zero, fill, code_at, writing, write_at, written, whole, index,
            sending, fetching, fetched, quarter_0, quarter_1, quarter_2, quarter_3, chosen, at_end, out, out_valid
        );
        // The addresses of what is read without a clock come before what reads it: in Verilog this kernel is one block that an
        // event simulator need not run again for a change that it made itself.
        for k in 0..4 {
            self.buffer[k].clock.next = self.clock.val();
            self.buffer[k].read_address.next = self.index.q.val().get_bits::<6>(0);
            self.buffer[k].write_address.next = self.write_at.q.val().get_bits::<6>(0);
            self.buffer[k].write_data.next = self.written.q.val();
            self.buffer[k].write_enable.next =
                self.writing.q.val() & (self.write_at.q.val().get_bits::<2>(6).index() == k);
        }

        // A zero becomes the code that counts the bytes since the last code.
        self.came.d.next = self.put.val();
        self.ended.d.next = self.finish.val();
        self.byte_now.d.next = self.data.val();
        self.is_zero.d.next = (self.data.val() == 0) | self.finish.val();
        self.writing.d.next = self.came.q.val() | self.ended.q.val();
        self.write_at.d.next = self.fill.q.val();
        self.written.d.next = self.byte_now.q.val();
        if self.is_zero.q.val() {
            self.write_at.d.next = self.code_at.q.val();
            self.written.d.next = self.fill.q.val() - self.code_at.q.val();
        }
        if self.came.q.val() {
            self.fill.d.next = self.fill.q.val() + 1;
            if self.is_zero.q.val() {
                self.code_at.d.next = self.fill.q.val();
            }
        }
        self.whole.d.next = self.ended.q.val();

        // Three clocks to read a byte: the quarters, one of them, and the line's register.
        self.quarter_0.d.next = self.buffer[0].read_data.val();
        self.quarter_1.d.next = self.buffer[1].read_data.val();
        self.quarter_2.d.next = self.buffer[2].read_data.val();
        self.quarter_3.d.next = self.buffer[3].read_data.val();
        self.quarter.next = self.index.q.val().get_bits::<2>(6);
        match self.quarter.val().index() {
            0 => {
                self.chosen.d.next = self.quarter_0.q.val();
            }
            1 => {
                self.chosen.d.next = self.quarter_1.q.val();
            }
            2 => {
                self.chosen.d.next = self.quarter_2.q.val();
            }
            _ => {
                self.chosen.d.next = self.quarter_3.q.val();
            }
        }
        self.at_end.d.next = self.index.q.val() == self.fill.q.val();
        self.give.next = self.fetched.q.val() & !self.out_valid.q.val();
        self.fetching.d.next = self.fetching.q.val() << 1;
        if self.fetching.q.val().get_bit(1) {
            self.fetched.d.next = true;
        }
        if self.whole.q.val() {
            self.fetching.d.next = bits::<2>(1);
        }
        if self.tx_ready.val() {
            self.out_valid.d.next = false;
        }
        if self.give.val() {
            self.out.d.next = self.chosen.q.val();
            self.out_valid.d.next = true;
            self.index.d.next = self.index.q.val() + 1;
            self.fetched.d.next = false;
            self.fetching.d.next = bits::<2>(1);
            if self.at_end.q.val() {
                self.out.d.next = bits::<8>(0);
                self.index.d.next = bits::<8>(0);
                self.fill.d.next = bits::<8>(1);
                self.code_at.d.next = bits::<8>(0);
                self.fetching.d.next = bits::<2>(0);
                self.sending.d.next = false;
            }
        }
        if self.finish.val() {
            self.sending.d.next = true;
        }
        self.busy.next = self.sending.q.val() | self.out_valid.q.val();
        self.tx_valid.next = self.out_valid.q.val();
        self.tx_data.next = self.out.q.val();
    }
}
