//! One EBR as 512 words of 36 bits, output register on.

use super::words::Words;
use super::{ContentsError, bit_or_zero, body, initval, low_bits, pins};
use rust_hdl::prelude::*;
use std::array::from_fn;
use std::fmt::Write as _;

const DEPTH: usize = 512;
const MASK: u64 = (1 << 36) - 1;

/// 512 words of 36 bits, one write port, one read port, one clock: a PDPW16KD with `REGMODE = "OUTREG"`.
///
/// The output register is what makes an EBR fast (clock to output 0.97 ns instead of 5.8 ns at speed grade 6), and Yosys
/// does not infer it.
///
/// Ports: a word is written as `write_low` (bits 0..31) and `write_high` (bits 32..35) and read the same way; `lane[i]` is bits
/// `i * BITS ..` of the word read, so that narrow words side by side need no slicing (`LANES * BITS <= 36`).
///
/// Read latency 2 clocks: the first edge latches `mem[read_address]` if `read_enable`, every edge copies the latch to the output.
/// `clear` makes latch and output 0 instead (the cell's synchronous reset), so that the outputs of many memories can be
/// combined by OR alone.
///
/// ```text
/// clock         _/~\_/~\_/~\_/~\_/~\_/~\_
/// read_enable   _/~~~\___________________
/// read_address  -< A >-------------------
/// clear         _________________/~~~\___
/// latch         ------<  mem[A]      >< 0
/// lane, read    ----------<  mem[A]  >< 0   (second edge)
/// ```
///
/// Reading an address in the clock in which it is written is undefined: the Rust model returns the complement of the old
/// word, the vendor cell's model `x`.
#[derive(LogicBlock)]
pub struct BlockRam512x36<const LANES: usize, const BITS: usize> {
    /// Both ports' clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Writes the word at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, Bits<9>>,
    /// Bits 0..31 to write.
    pub write_low: Signal<In, Bits<32>>,
    /// Bits 32..35 to write.
    pub write_high: Signal<In, Bits<4>>,
    /// Latches a word at the next edge; without it the latch keeps its word.
    pub read_enable: Signal<In, Bit>,
    /// Word to read.
    pub read_address: Signal<In, Bits<9>>,
    /// Latch and output become 0 at the next edge, whatever is read.
    pub clear: Signal<In, Bit>,
    /// Bits `i * BITS ..` of the word read.
    pub lane: [Signal<Out, Bits<BITS>>; LANES],
    /// Bits 0..31 of the word read.
    pub read_low: Signal<Out, Bits<32>>,
    /// Bits 32..35 of the word read.
    pub read_high: Signal<Out, Bits<4>>,
    _words: Words,
    _latch: u64,
}

impl<const LANES: usize, const BITS: usize> Default for BlockRam512x36<LANES, BITS> {
    fn default() -> Self {
        const { assert!(LANES * BITS <= 36 && BITS >= 1, "the lanes of an EBR share its 36 bits") };
        Self {
            clock: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            clear: Default::default(),
            lane: from_fn(|_| Default::default()),
            read_low: Default::default(),
            read_high: Default::default(),
            _words: Words::zero(DEPTH, 36),
            _latch: 0,
        }
    }
}

impl<const LANES: usize, const BITS: usize> BlockRam512x36<LANES, BITS> {
    /// A memory with initial contents; words that are not given are 0.
    pub fn with_contents(contents: &[u64]) -> Result<Self, ContentsError> {
        Ok(Self { _words: Words::with_contents(contents, DEPTH, 36)?, ..Default::default() })
    }

    /// A word of the Rust model, past its ports.
    pub fn peek(&self, address: usize) -> u64 {
        self._words.get(address)
    }

    /// Changes a word of the Rust model, past its ports.
    pub fn poke(&mut self, address: usize, word: u64) {
        self._words.set(address, word);
    }

    fn show(&mut self, word: u64) {
        for (i, lane) in self.lane.iter_mut().enumerate() {
            lane.next = low_bits(word >> (i * BITS));
        }
        self.read_low.next = low_bits(word);
        self.read_high.next = low_bits(word >> 32);
    }

    fn cell(&self) -> String {
        let data = |i: usize| if i < 32 { format!("write_low[{i}]") } else { format!("write_high[{}]", i - 32) };
        // an address of the narrowest width has 14 bits; a word of 36 bits ignores the lowest five
        let read_address = |i: usize| if i < 5 { "1'b0".to_string() } else { format!("read_address[{}]", i - 5) };
        // nextpnr swaps the halves of the output: DO0..17 are bits 18..35
        let output = |i: usize| format!("word[{}]", (i + 18) % 36);
        let halves = self._words.initial().iter().flat_map(|word| [(word & 0x3_ffff) as u32, (word >> 18) as u32]);
        format!(
            "PDPW16KD #(\n{init}  .DATA_WIDTH_W(36), .DATA_WIDTH_R(36), .REGMODE(\"OUTREG\"), .RESETMODE(\"SYNC\"), .GSR(\"DISABLED\"),\n  \
             .CSDECODE_W(\"0b000\"), .CSDECODE_R(\"0b000\"), .INIT_DATA(\"STATIC\")\n) ebr (\n  {di}\n  {adw}\n  \
             .BE0(1'b1), .BE1(1'b1), .BE2(1'b1), .BE3(1'b1), .CEW(write_enable), .CLKW(clock), .CSW0(1'b0), .CSW1(1'b0), .CSW2(1'b0),\n  \
             {adr}\n  .CER(read_enable), .OCER(1'b1), .CLKR(clock), .CSR0(1'b0), .CSR1(1'b0), .CSR2(1'b0), .RST(clear),\n  {output}\n);\n",
            init = initval(halves),
            di = pins("DI", 36, data).trim_end(),
            adw = pins("ADW", 9, |i| bit_or_zero("write_address", 9, i)).trim_end(),
            adr = pins("ADR", 14, read_address).trim_end(),
            output = pins("DO", 36, output).trim_end_matches(", "),
        )
    }
}

impl<const LANES: usize, const BITS: usize> Logic for BlockRam512x36<LANES, BITS> {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        let clear = self.clear.val();
        self.show(if clear { 0 } else { self._latch });
        let (from, to) = (self.read_address.val().index(), self.write_address.val().index());
        let write = self.write_enable.val();
        if self.read_enable.val() {
            let old = self._words.get(from);
            self._latch = if write && from == to { !old & MASK } else { old };
        }
        if clear {
            self._latch = 0;
        }
        if write {
            self._words.set(to, self.write_low.val().to_u64() | self.write_high.val().to_u64() << 32);
        }
    }

    fn connect(&mut self) {
        self.lane.iter_mut().for_each(|lane| lane.connect());
        self.read_low.connect();
        self.read_high.connect();
    }

    fn hdl(&self) -> Verilog {
        let mut lanes = String::new();
        for i in 0..LANES {
            let _ = writeln!(lanes, "assign lane${i} = word[{}:{}];", (i + 1) * BITS - 1, i * BITS);
        }
        body(format!(
            "wire [35:0] word;\n{lanes}assign read_low = word[31:0];\nassign read_high = word[35:32];\n`ifdef SYNTHESIS\n{cell}`else\n\
             reg [35:0] mem [0:511];\nreg [35:0] latch;\nreg [35:0] register;\ninteger i;\ninitial begin\n{contents}  latch = 36'h0;\n  \
             register = 36'h0;\nend\nalways @(posedge clock) begin\n  if (write_enable) mem[write_address] <= {{write_high, write_low}};\n  \
             if (clear) latch <= 36'h0; else if (read_enable) latch <= mem[read_address];\n  \
             if (clear) register <= 36'h0; else register <= latch;\nend\nassign word = register;\n`endif\n",
            cell = self.cell(),
            contents = self._words.verilog(),
        ))
    }
}
