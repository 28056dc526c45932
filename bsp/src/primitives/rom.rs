//! A constant table in LUTs.

use super::words::Words;
use super::{ContentsError, body, low_bits};
use rust_hdl::prelude::*;

/// 2^A constants of W bits (W <= 32), read without a clock. Yosys makes it of LUTs and not of a block RAM, even where a register follows.
#[derive(LogicBlock)]
pub struct Rom<const W: usize, const A: usize> {
    /// Word to read.
    pub address: Signal<In, Bits<A>>,
    /// That word, combinationally.
    pub data: Signal<Out, Bits<W>>,
    _words: Words,
}

impl<const W: usize, const A: usize> Rom<W, A> {
    /// The table; words that are not given are 0.
    pub fn new(contents: &[u64]) -> Result<Self, ContentsError> {
        const {
            assert!(
                1 <= W && W <= 32 && 1 <= A && A <= 16,
                "Rom has words of 1 to 32 bits and addresses of 1 to 16 bits"
            )
        };
        let words = Words::with_contents(contents, 1 << A, W)?;
        Ok(Self { address: Default::default(), data: Default::default(), _words: words })
    }
}

impl<const W: usize, const A: usize> Logic for Rom<W, A> {
    fn update(&mut self) {
        self.data.next = low_bits(self._words.get(self.address.val().index()));
    }

    fn connect(&mut self) {
        self.data.connect();
    }

    fn hdl(&self) -> Verilog {
        body(format!(
            "(* rom_style = \"logic\" *)\nreg [{}:0] mem [0:{}];\ninteger i;\ninitial begin\n{}end\nassign data = mem[address];\n",
            W - 1,
            (1usize << A) - 1,
            self._words.verilog(),
        ))
    }
}
