//! One EBR as 2,048 bytes, output register on.

use super::words::Words;
use super::{bit_or_zero, body, low_bits, pins};
use rust_hdl::prelude::*;

const DEPTH: usize = 2048;

/// 2,048 words of W bits (W <= 9), one write port, one read port, one clock: a DP16KD whose port A writes and whose port B
/// reads, with `REGMODE_B = "OUTREG"`.
///
/// What [`super::BlockRam`] is without the output register: 5.8 ns from the clock to its output at speed grade 6, where this
/// one takes 0.97 ns and a clock more. All 0 at power-up. Read latency 2 clocks, one word a clock.
///
/// ```text
/// clock         _/~\_/~\_/~\_
/// read_enable   _/~~~\_______
/// read_address  -< A >-------
/// read_data     ---------<mem[A]     and stays until the next read
/// ```
///
/// Reading an address in the clock in which it is written is undefined: the Rust model returns the complement of the old word.
#[derive(LogicBlock)]
pub struct BlockRam2048x9<const W: usize> {
    /// Both ports' clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Writes `write_data` at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, Bits<11>>,
    /// Its new value.
    pub write_data: Signal<In, Bits<W>>,
    /// Reads `read_address` at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Word to read.
    pub read_address: Signal<In, Bits<11>>,
    /// Word read last, two edges after.
    pub read_data: Signal<Out, Bits<W>>,
    _words: Words,
    _latch: u64,
}

impl<const W: usize> Default for BlockRam2048x9<W> {
    fn default() -> Self {
        const { assert!(1 <= W && W <= 9, "a word of this memory has 1 to 9 bits") };
        Self {
            clock: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            _words: Words::zero(DEPTH, W),
            _latch: 0,
        }
    }
}

impl<const W: usize> BlockRam2048x9<W> {
    /// A word of the Rust model, past its ports.
    pub fn peek(&self, address: usize) -> u64 {
        self._words.get(address)
    }

    /// Changes a word of the Rust model, past its ports.
    pub fn poke(&mut self, address: usize, word: u64) {
        self._words.set(address, word);
    }

    fn cell() -> String {
        // an address of the narrowest width has 14 bits; a word of 9 bits ignores the lowest three
        let address =
            |bus: &'static str| move |i: usize| if i < 3 { "1'b0".to_string() } else { bit_or_zero(bus, 11, i - 3) };
        // rust-hdl declares a port of one bit without a range
        let data = |bus: &'static str| {
            move |i: usize| {
                if i >= W {
                    None
                } else if W == 1 {
                    Some(bus.to_string())
                } else {
                    Some(format!("{bus}[{i}]"))
                }
            }
        };
        let input = |i: usize| data("write_data")(i).unwrap_or("1'b0".into());
        let output = |i: usize| data("read_data")(i).unwrap_or_default();
        format!(
            "DP16KD #(\n  .DATA_WIDTH_A(9), .DATA_WIDTH_B(9), .REGMODE_A(\"NOREG\"), .REGMODE_B(\"OUTREG\"),\n  \
             .WRITEMODE_A(\"NORMAL\"), .WRITEMODE_B(\"NORMAL\"), .RESETMODE(\"SYNC\"), .ASYNC_RESET_RELEASE(\"SYNC\"), .GSR(\"DISABLED\"),\n  \
             .CSDECODE_A(\"0b000\"), .CSDECODE_B(\"0b000\"), .INIT_DATA(\"STATIC\")\n) ebr (\n  \
             .CLKA(clock), .CEA(write_enable), .WEA(write_enable), .OCEA(1'b1), .RSTA(1'b0), .CSA0(1'b0), .CSA1(1'b0), .CSA2(1'b0),\n  \
             {ada}\n  {dia}\n  \
             .CLKB(clock), .CEB(read_enable), .WEB(1'b0), .OCEB(1'b1), .RSTB(1'b0), .CSB0(1'b0), .CSB1(1'b0), .CSB2(1'b0),\n  \
             {adb}\n  {dib}\n  {dob}\n);\n",
            ada = pins("ADA", 14, address("write_address")).trim_end(),
            dia = pins("DIA", 18, input).trim_end(),
            adb = pins("ADB", 14, address("read_address")).trim_end(),
            dib = pins("DIB", 18, |_| "1'b0".into()).trim_end(),
            dob = pins("DOB", 18, output).trim_end_matches(", "),
        )
    }
}

impl<const W: usize> Logic for BlockRam2048x9<W> {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        self.read_data.next = low_bits(self._latch);
        let (from, to) = (self.read_address.val().index(), self.write_address.val().index());
        let write = self.write_enable.val();
        let old = self._words.get(from);
        if self.read_enable.val() {
            self._latch = if write && from == to { !old } else { old };
        }
        if write {
            self._words.set(to, self.write_data.val().to_u64());
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        body(format!(
            "`ifdef SYNTHESIS\n{cell}`else\n\
             reg [{msb}:0] mem [0:2047];\nreg [{msb}:0] latch;\nreg [{msb}:0] register;\ninteger i;\ninitial begin\n{contents}  \
             latch = {W}'h0;\n  register = {W}'h0;\nend\n\
             always @(posedge clock) begin\n  if (write_enable) mem[write_address] <= write_data;\n  \
             if (read_enable) latch <= mem[read_address];\n  register <= latch;\nend\nassign read_data = register;\n`endif\n",
            cell = Self::cell(),
            msb = W - 1,
            contents = self._words.verilog(),
        ))
    }
}
