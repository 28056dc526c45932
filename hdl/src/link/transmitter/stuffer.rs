//! COBS, and the way of frames to the line.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::DistributedRam;

/// Bytes of a COBS block that no zero follows.
const FULL_BLOCK: u64 = 254;

/// Stuffs the bytes of frames into a ring as they come, and sends them with their delimiters.
///
/// A COBS code counts the bytes up to the next zero, so its place is kept free until that zero comes, or 254 bytes that are none; `finish` writes the last
/// code as if a zero came, and the delimiter. What lies before the place of a code that is not yet known may leave, at the pace of `tx_ready`, a byte in every eighth clock at
/// most. So the bytes of the next frame may come while those of the last one leave: whenever there is `room`, a byte in every fourth clock at most.
///
/// ```text
/// clock     _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// put       _/~~~\_______________________________________
/// data      -< 0>----------------------------------------
/// room      ~~~~~~~~~~~~~~~~~<new>                           four clocks after a put
/// tx_valid  _________________________________/~~~            eight clocks after the zero
/// tx_data   ---------------------------------< 1
/// ```
#[derive(LogicBlock)]
pub struct Stuffer {
    pub clock: Signal<In, Clock>,
    /// A byte of the frame.
    pub put: Signal<In, Bit>,
    pub data: Signal<In, Bits<8>>,
    /// The frame is whole.
    pub finish: Signal<In, Bit>,
    /// A byte, or the end of a frame, may come in the next clock.
    pub room: Signal<Out, Bit>,
    /// So little has still to leave that the next frame should be begun.
    pub low: Signal<Out, Bit>,
    /// Something has still to leave.
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
    /// A block has begun: the place of its code is kept free.
    open: DFF<Bit>,
    /// It has as many bytes as it may.
    filled: DFF<Bit>,
    /// A delimiter is to follow.
    ending: DFF<Bit>,
    /// Where the next byte goes, where the COBS code that counts it will go, and what may leave: all before.
    fill: DFF<Bits<8>>,
    code_at: DFF<Bits<8>>,
    complete: DFF<Bits<8>>,
    /// Places taken, and what that says, each a clock later.
    taken: DFF<Bits<8>>,
    roomy: DFF<Bit>,
    few_left: DFF<Bit>,
    // The ring's write port.
    writing: DFF<Bit>,
    write_at: DFF<Bits<8>>,
    written: DFF<Bits<8>>,
    /// The next byte to send, clocks that it has been there, and the clocks of reading it.
    index: DFF<Bits<8>>,
    at_end: DFF<Bit>,
    age: DFF<Bits<3>>,
    fetched: DFF<Bit>,
    quarter_0: DFF<Bits<8>>,
    quarter_1: DFF<Bits<8>>,
    quarter_2: DFF<Bits<8>>,
    quarter_3: DFF<Bits<8>>,
    chosen: DFF<Bits<8>>,
    out: DFF<Bits<8>>,
    out_valid: DFF<Bit>,

    give: Signal<Local, Bit>,
    quarter: Signal<Local, Bits<2>>,
    counted: Signal<Local, Bits<8>>,
    full_block: Constant<Bits<8>>,
}

impl Default for Stuffer {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            put: Default::default(),
            data: Default::default(),
            finish: Default::default(),
            room: Default::default(),
            low: Default::default(),
            busy: Default::default(),
            tx_data: Default::default(),
            tx_valid: Default::default(),
            tx_ready: Default::default(),
            buffer: Default::default(),
            came: Default::default(),
            ended: Default::default(),
            byte_now: Default::default(),
            is_zero: Default::default(),
            open: Default::default(),
            filled: Default::default(),
            ending: Default::default(),
            fill: Default::default(),
            code_at: Default::default(),
            complete: Default::default(),
            taken: Default::default(),
            roomy: Default::default(),
            few_left: Default::default(),
            writing: Default::default(),
            write_at: Default::default(),
            written: Default::default(),
            index: Default::default(),
            at_end: Default::default(),
            age: Default::default(),
            fetched: Default::default(),
            quarter_0: Default::default(),
            quarter_1: Default::default(),
            quarter_2: Default::default(),
            quarter_3: Default::default(),
            chosen: Default::default(),
            out: Default::default(),
            out_valid: Default::default(),
            give: Default::default(),
            quarter: Default::default(),
            counted: Default::default(),
            full_block: Constant::new(FULL_BLOCK.into()),
        }
    }
}

impl Logic for Stuffer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, came, ended, byte_now, is_zero, open, filled, ending, fill, code_at, complete, taken, roomy,
            few_left, writing, write_at, written, index, at_end, age, fetched, quarter_0, quarter_1, quarter_2,
            quarter_3, chosen, out, out_valid
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

        // A byte opens a block if none is open. A zero becomes the code that counts the bytes since the last code.
        self.came.d.next = self.put.val();
        self.ended.d.next = self.finish.val();
        self.byte_now.d.next = self.data.val();
        self.is_zero.d.next = (self.data.val() == 0) | self.finish.val();
        self.writing.d.next = false;
        self.write_at.d.next = self.fill.q.val();
        self.written.d.next = self.byte_now.q.val();
        self.counted.next = self.fill.q.val() - self.code_at.q.val();
        self.filled.d.next = false;
        if self.put.val() & !self.open.q.val() {
            self.open.d.next = true;
            self.code_at.d.next = self.fill.q.val();
            self.fill.d.next = self.fill.q.val() + 1;
        }
        if self.is_zero.q.val() | self.filled.q.val() {
            self.write_at.d.next = self.code_at.q.val();
            self.written.d.next = self.counted.val();
        }
        if self.came.q.val() {
            self.writing.d.next = true;
            self.fill.d.next = self.fill.q.val() + 1;
            self.filled.d.next = !self.is_zero.q.val() & (self.counted.val() == self.full_block.val());
            if self.is_zero.q.val() {
                self.complete.d.next = self.fill.q.val();
                self.code_at.d.next = self.fill.q.val();
            }
        }
        if self.filled.q.val() | (self.ended.q.val() & self.open.q.val()) {
            self.writing.d.next = true;
            self.complete.d.next = self.fill.q.val();
            self.open.d.next = false;
        }
        if self.ended.q.val() {
            self.ending.d.next = true;
        }
        if self.ending.q.val() & self.roomy.q.val() {
            self.writing.d.next = true;
            self.write_at.d.next = self.fill.q.val();
            self.written.d.next = bits::<8>(0);
            self.fill.d.next = self.fill.q.val() + 1;
            self.complete.d.next = self.fill.q.val() + 1;
            self.ending.d.next = false;
        }
        // A block that is alone in the ring has always room, for it is shorter.
        self.taken.d.next = self.fill.q.val() - self.index.q.val();
        self.roomy.d.next = !self.taken.q.val().get_bits::<5>(3).all();
        self.few_left.d.next = !self.taken.q.val().get_bits::<3>(5).any();
        self.low.next = self.few_left.q.val();
        self.room.next = (self.roomy.q.val() | (self.open.q.val() & self.at_end.q.val()))
            & !self.finish.val()
            & !self.ended.q.val()
            & !self.ending.q.val()
            & !self.filled.q.val();

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
        // Two clocks after the index has moved it is known whether there is a byte; three more and it has been read.
        self.at_end.d.next = self.index.q.val() == self.complete.q.val();
        self.fetched.d.next = self.age.q.val() == 5;
        if (self.age.q.val() != 5) & !((self.age.q.val() == 2) & self.at_end.q.val()) {
            self.age.d.next = self.age.q.val() + 1;
        }
        self.give.next = self.fetched.q.val() & !self.out_valid.q.val();
        if self.tx_ready.val() {
            self.out_valid.d.next = false;
        }
        if self.give.val() {
            self.out.d.next = self.chosen.q.val();
            self.out_valid.d.next = true;
            self.index.d.next = self.index.q.val() + 1;
            self.age.d.next = bits::<3>(0);
            self.fetched.d.next = false;
        }
        self.busy.next = self.put.val()
            | self.came.q.val()
            | self.open.q.val()
            | self.finish.val()
            | self.ended.q.val()
            | self.ending.q.val()
            | !self.at_end.q.val()
            | self.out_valid.q.val();
        self.tx_valid.next = self.out_valid.q.val();
        self.tx_data.next = self.out.q.val();
    }
}
