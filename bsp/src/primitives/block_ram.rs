//! Block RAM as Yosys infers it, without any logic around it.

use super::words::Words;
use super::{ContentsError, body, low_bits};
use rust_hdl::prelude::*;

/// 2^A words of W bits (W <= 32), one write port, one read port, one clock. Read latency 1 clock.
///
/// ```text
/// clock         _/~\_/~\_
/// read_address  -< A >---
/// read_data     -----<mem[A]
/// ```
///
/// Reading an address in the clock in which it is written is undefined: the Rust model returns the complement of the old word.
/// rust-hdl's own `RAM` promises the old word, which an ECP5 has not, and so costs about 2 flip-flops and 1.5 LUTs a bit.
#[derive(LogicBlock)]
pub struct BlockRam<const W: usize, const A: usize> {
    /// Both ports' clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Writes `write_data` at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, Bits<A>>,
    /// Its new value.
    pub write_data: Signal<In, Bits<W>>,
    /// Word to read.
    pub read_address: Signal<In, Bits<A>>,
    /// Word read at the last edge.
    pub read_data: Signal<Out, Bits<W>>,
    _words: Words,
}

impl<const W: usize, const A: usize> Default for BlockRam<W, A> {
    fn default() -> Self {
        const {
            assert!(
                1 <= W && W <= 32 && 1 <= A && A <= 20,
                "BlockRam has words of 1 to 32 bits and addresses of 1 to 20 bits"
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

impl<const W: usize, const A: usize> BlockRam<W, A> {
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

impl<const W: usize, const A: usize> Logic for BlockRam<W, A> {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        let (from, to) = (self.read_address.val().index(), self.write_address.val().index());
        let write = self.write_enable.val();
        let old = self._words.get(from);
        self.read_data.next = low_bits(if write && from == to { !old } else { old });
        if write {
            self._words.set(to, self.write_data.val().to_u64());
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        body(format!(
            "(* no_rw_check *)\nreg [{msb}:0] mem [0:{last}];\nreg [{msb}:0] latch;\ninteger i;\ninitial begin\n{contents}  latch = {W}'h0;\nend\n\
             always @(posedge clock) begin\n  if (write_enable) mem[write_address] <= write_data;\n  latch <= mem[read_address];\nend\n\
             assign read_data = latch;\n",
            msb = W - 1,
            last = (1usize << A) - 1,
            contents = self._words.verilog(),
        ))
    }
}
