//! Finds the lowest set bit of a word.

use super::verilog_body;
use rust_hdl::prelude::*;

/// Position of the lowest set bit of a word of N bits (at most 32), and the word without it. Combinational.
///
/// ```text
/// word   0110_1000
/// index  3          (0 when no bit is set)
/// rest   0110_0000
/// ```
#[derive(LogicBlock)]
pub struct LowestBit<const N: usize, const A: usize> {
    pub word: Signal<In, Bits<N>>,
    /// Position of the lowest set bit.
    pub index: Signal<Out, Bits<A>>,
    /// The word with that bit cleared.
    pub rest: Signal<Out, Bits<N>>,
    /// Whether a bit is set.
    pub any: Signal<Out, Bit>,
    /// Whether no other bit is set: `rest` is 0.
    pub last: Signal<Out, Bit>,
}

impl<const N: usize, const A: usize> Default for LowestBit<N, A> {
    fn default() -> Self {
        const { assert!(N <= 32 && N <= 1 << A, "LowestBit has at most 32 bits, and an index that reaches all of them") };
        Self {
            word: Default::default(),
            index: Default::default(),
            rest: Default::default(),
            any: Default::default(),
            last: Default::default(),
        }
    }
}

impl<const N: usize, const A: usize> Logic for LowestBit<N, A> {
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
        let index = (0..A).map(|a| {
            let mask = (0..N).filter(|n| n >> a & 1 == 1).fold(0u64, |mask, n| mask | 1 << n);
            format!("assign index[{a}] = |(lowest & {N}'h{mask:x});\n")
        });
        verilog_body(format!(
            "wire [{msb}:0] without = word - {N}'h1;\nwire [{msb}:0] lowest = word & ~without;\nassign rest = word & without;\n\
             assign any = |word;\nassign last = ~|rest;\n{}",
            index.collect::<String>(),
            msb = N - 1,
        ))
    }
}
