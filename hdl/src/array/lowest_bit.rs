//! Finds the lowest set bit of a word.

use super::verilog_body;
use rust_hdl::prelude::*;

/// Position of the lowest set bit of a word of four bits, and the word without it. Combinational: a LUT for each output bit.
///
/// ```text
/// word   1010
/// index  1      (0 when no bit is set)
/// rest   1000
/// ```
#[derive(LogicBlock, Default)]
pub struct LowestBit {
    pub word: Signal<In, Bits<4>>,
    /// Position of the lowest set bit.
    pub index: Signal<Out, Bits<2>>,
    /// The word with that bit cleared.
    pub rest: Signal<Out, Bits<4>>,
    /// Whether a bit is set.
    pub any: Signal<Out, Bit>,
    /// Whether no other bit is set: `rest` is 0.
    pub last: Signal<Out, Bit>,
}

impl Logic for LowestBit {
    fn update(&mut self) {
        let word = self.word.val().to_u32();
        let rest = word & word.wrapping_sub(1);
        self.index.next = u64::from(if word == 0 { 0 } else { word.trailing_zeros() }).into();
        self.rest.next = u64::from(rest).into();
        self.any.next = word != 0;
        self.last.next = rest == 0;
    }

    fn connect(&mut self) {
        self.index.connect();
        self.rest.connect();
        self.any.connect();
        self.last.connect();
    }

    fn hdl(&self) -> Verilog {
        verilog_body(
            "assign rest = {word[3] & (|word[2:0]), word[2] & (|word[1:0]), word[1] & word[0], 1'b0};\n\
             assign index = {~word[0] & ~word[1] & (word[2] | word[3]), ~word[0] & (word[1] | (~word[2] & word[3]))};\n\
             assign any = |word;\nassign last = ~|rest;\n"
                .into(),
        )
    }
}
