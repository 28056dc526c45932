//! Small RAM in LUTs.

use super::words::Words;
use super::{ContentsError, body, low_bits};
use rust_hdl::prelude::*;

/// 2^A words of W bits (W <= 32) in distributed RAM (TRELLIS_DPR16X4): written at the clock, read without one.
///
/// ```text
/// clock         _/~\_/~\_
/// write_enable  _/~~~\___
/// read_data     --old-<new     (read_address = write_address)
/// ```
#[derive(LogicBlock)]
pub struct DistributedRam<const W: usize, const A: usize> {
    /// Clock of the write port, rising edge.
    pub clock: Signal<In, Clock>,
    /// Writes `write_data` at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, Bits<A>>,
    /// Its new value.
    pub write_data: Signal<In, Bits<W>>,
    /// Word to read.
    pub read_address: Signal<In, Bits<A>>,
    /// That word, combinationally.
    pub read_data: Signal<Out, Bits<W>>,
    _words: Words,
}

impl<const W: usize, const A: usize> Default for DistributedRam<W, A> {
    fn default() -> Self {
        const {
            assert!(
                1 <= W && W <= 32 && 1 <= A && A <= 12,
                "DistributedRam has words of 1 to 32 bits and addresses of 1 to 12 bits"
            )
        };
        Self {
            clock: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            _words: Words::zero(1 << A, W),
        }
    }
}

impl<const W: usize, const A: usize> DistributedRam<W, A> {
    /// A memory with initial contents; words that are not given are 0.
    pub fn with_contents(contents: &[u64]) -> Result<Self, ContentsError> {
        Ok(Self { _words: Words::with_contents(contents, 1 << A, W)?, ..Default::default() })
    }

    /// A word of the Rust model, past its ports.
    pub fn peek(&self, address: usize) -> u64 {
        self._words.get(address)
    }

    /// Changes a word of the Rust model, past its ports.
    pub fn poke(&mut self, address: usize, word: u64) {
        self._words.set(address, word);
    }
}

impl<const W: usize, const A: usize> Logic for DistributedRam<W, A> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.write_enable.val() {
            self._words.set(self.write_address.val().index(), self.write_data.val().to_u64());
        }
        self.read_data.next = low_bits(self._words.get(self.read_address.val().index()));
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        body(format!(
            "(* ram_style = \"distributed\" *)\nreg [{}:0] mem [0:{}];\ninteger i;\ninitial begin\n{}end\n\
             always @(posedge clock) if (write_enable) mem[write_address] <= write_data;\nassign read_data = mem[read_address];\n",
            W - 1,
            (1usize << A) - 1,
            self._words.verilog(),
        ))
    }
}
