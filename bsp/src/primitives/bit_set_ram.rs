//! One EBR in which single bits are set and whole words are taken out.

use super::{bit_or_zero, body, low_bits, pins};
use rust_hdl::prelude::*;

const WORDS: usize = 1024;

/// 16,384 bits: one port writes single bits, the other reads or writes words of 16; one DP16KD with an output register.
///
/// Bit `k` of word `a` is bit address `16 * a + k`. `set_enable` writes `set_value` to one bit. `word_enable` reads a word;
/// with `word_write` it writes `word_in` to it in the same clock, and reads what was there before (the cell's READBEFOREWRITE
/// mode): so one access takes a word out and clears it.
///
/// Read latency 2 clocks: the first edge latches the word, and an edge with `output_enable` copies the latch to `word_out`.
///
/// ```text
/// clock          _/~\_/~\_/~\_/~\_
/// word_enable    _/~~~\___________
/// word_write     _/~~~\___________
/// word_address   -< A >-----------
/// mem[A]         -- w -< word_in
/// output_enable  _____/~~~\_______
/// latch          ------<  w
/// word_out       ----------<  w
/// ```
///
/// Undefined, and to be avoided: reading a word in the clock in which one of its bits is set (the Rust model returns the
/// complement of the word), and writing a word and one of its bits in the same clock (here the word wins).
// Pin mapping, checked against Yosys' lattice/brams_16kd.txt and brams_map_16kd.v, against the netlist that memory_libmap
// makes of a memory written by bits and read by words (tests/netlist.rs), and through them against models/DP16KD.v:
// * width 1: address on ADA0..13, data on DIA0. Width 18: address on ADB4..13, ADB0 and ADB1 are the byte write enables.
// * a word of width 18 is two bytes of nine bits; width 1 reaches eight of each: address bit 3 chooses the byte,
//   bits 2..0 the bit. Data pins 0..7 and 9..16 therefore carry bits 0..15, pins 8 and 17 are unused.
#[derive(LogicBlock)]
pub struct BitSetRam {
    /// Both ports' clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Writes a bit at the next edge.
    pub set_enable: Signal<In, Bit>,
    /// Bit to write: 16 * word + position.
    pub set_address: Signal<In, Bits<14>>,
    /// Its new value.
    pub set_value: Signal<In, Bit>,
    /// Reads a word at the next edge, or writes it.
    pub word_enable: Signal<In, Bit>,
    /// Word to read or write.
    pub word_address: Signal<In, Bits<10>>,
    /// With `word_enable`: write, too.
    pub word_write: Signal<In, Bit>,
    /// Word to write.
    pub word_in: Signal<In, Bits<16>>,
    /// Lets the word latched last through to `word_out` at the next edge; without it `word_out` stays.
    pub output_enable: Signal<In, Bit>,
    /// Word read.
    pub word_out: Signal<Out, Bits<16>>,
    _mem: Vec<u16>,
    _latch: u16,
}

impl Default for BitSetRam {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            set_enable: Default::default(),
            set_address: Default::default(),
            set_value: Default::default(),
            word_enable: Default::default(),
            word_address: Default::default(),
            word_write: Default::default(),
            word_in: Default::default(),
            output_enable: Default::default(),
            word_out: Default::default(),
            _mem: vec![0; WORDS],
            _latch: 0,
        }
    }
}

impl BitSetRam {
    /// A word of the Rust model, past its ports.
    pub fn peek(&self, address: usize) -> u16 {
        self._mem[address % WORDS]
    }

    /// Changes a word of the Rust model, past its ports.
    pub fn poke(&mut self, address: usize, word: u16) {
        self._mem[address % WORDS] = word;
    }
}

impl Logic for BitSetRam {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        if self.output_enable.val() {
            self.word_out.next = low_bits(u64::from(self._latch));
        }
        let set = self.set_enable.val().then(|| self.set_address.val().index());
        let word = self.word_address.val().index();
        let access = self.word_enable.val();
        let write = self.word_write.val();
        if access {
            let clash = set.is_some_and(|bit| bit / 16 == word);
            self._latch = if clash { !self._mem[word] } else { self._mem[word] };
        }
        if let Some(bit) = set {
            let mask = 1 << (bit % 16);
            let cleared = self._mem[bit / 16] & !mask;
            self._mem[bit / 16] = if self.set_value.val() { cleared | mask } else { cleared };
        }
        if access && write {
            self._mem[word] = self.word_in.val().to_u16();
        }
    }

    fn connect(&mut self) {
        self.word_out.connect();
    }

    fn hdl(&self) -> Verilog {
        // the ninth bit of each byte is not used
        let data = |i: usize| match i {
            0..=7 => Some(i),
            9..=16 => Some(i - 1),
            _ => None,
        };
        let input = |i: usize| data(i).map_or("1'b0".to_string(), |bit| format!("word_in[{bit}]"));
        let output = |i: usize| data(i).map_or(String::new(), |bit| format!("word_out[{bit}]"));
        let word_address = |i: usize| match i {
            0 | 1 => "1'b1".to_string(),
            2 | 3 => "1'b0".to_string(),
            _ => format!("word_address[{}]", i - 4),
        };
        let cell = format!(
            "DP16KD #(\n  .DATA_WIDTH_A(1), .DATA_WIDTH_B(18), .REGMODE_A(\"NOREG\"), .REGMODE_B(\"OUTREG\"),\n  \
             .WRITEMODE_A(\"NORMAL\"), .WRITEMODE_B(\"READBEFOREWRITE\"), .RESETMODE(\"SYNC\"), .ASYNC_RESET_RELEASE(\"SYNC\"), .GSR(\"DISABLED\"),\n  \
             .CSDECODE_A(\"0b000\"), .CSDECODE_B(\"0b000\"), .INIT_DATA(\"STATIC\")\n) ebr (\n  \
             .CLKA(clock), .CEA(set_enable), .WEA(set_enable), .OCEA(1'b1), .RSTA(1'b0), .CSA0(1'b0), .CSA1(1'b0), .CSA2(1'b0),\n  \
             {ada}\n  {dia}\n  \
             .CLKB(clock), .CEB(word_enable), .WEB(word_write), .OCEB(output_enable), .RSTB(1'b0), .CSB0(1'b0), .CSB1(1'b0), .CSB2(1'b0),\n  \
             {adb}\n  {dib}\n  {dob}\n);\n",
            ada = pins("ADA", 14, |i| bit_or_zero("set_address", 14, i)).trim_end(),
            dia = pins("DIA", 18, |i| if i == 0 { "set_value".into() } else { "1'b0".into() }).trim_end(),
            adb = pins("ADB", 14, word_address).trim_end(),
            dib = pins("DIB", 18, input).trim_end(),
            dob = pins("DOB", 18, output).trim_end_matches(", "),
        );
        body(format!(
            "`ifdef SYNTHESIS\n{cell}`else\n\
             reg [15:0] mem [0:1023];\nreg [15:0] latch;\nreg [15:0] register;\ninteger i;\n\
             wire [9:0] set_word = set_address[13:4];\nwire [15:0] set_mask = 16'h1 << set_address[3:0];\n\
             initial begin\n  for (i = 0; i < 1024; i = i + 1) mem[i] = 16'h0;\n  latch = 16'h0;\n  register = 16'h0;\nend\n\
             always @(posedge clock) begin\n  if (output_enable) register <= latch;\n  if (word_enable) latch <= mem[word_address];\n  \
             if (set_enable) begin\n    if (set_value) mem[set_word] <= mem[set_word] | set_mask;\n    \
             else mem[set_word] <= mem[set_word] & ~set_mask;\n  end\n  \
             if (word_enable && word_write) mem[word_address] <= word_in;\nend\nassign word_out = register;\n`endif\n"
        ))
    }
}
