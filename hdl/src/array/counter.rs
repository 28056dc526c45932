//! One counter of the ledger.

use super::verilog_body;
use nernst_spec::ledger::{COUNTER_BITS, HALF_BITS};
use rust_hdl::prelude::*;

/// A counter of [`COUNTER_BITS`] bits with a second register that holds its value at the last snapshot.
///
/// At an edge: `clear` sets the counter to 0, else `amount` is added; `snapshot` copies the value from before the edge.
/// `word` is the half of the copy that `index` asks for when it asks for this counter, else 0: the words of all counters
/// are or-ed together. `index` counts halves, low half first, over all counters; this counter is the `number`th.
///
/// ```text
/// clock     _/~\_/~\_/~\_
/// amount    -< 3 >< 0 >--
/// snapshot  _____/~~~\___
/// value     --0--< 3    >
/// copy      ----0----< 3 >
/// ```
#[derive(LogicBlock)]
pub struct Counter {
    pub clock: Signal<In, Clock>,
    pub amount: Signal<In, Bits<12>>,
    pub clear: Signal<In, Bit>,
    pub snapshot: Signal<In, Bit>,
    pub index: Signal<In, Bits<8>>,
    pub word: Signal<Out, Bits<24>>,
    _number: usize,
    _value: u64,
    _copy: u64,
}

impl Counter {
    /// The counter at words `2 * number` and `2 * number + 1` of the ledger.
    pub fn new(number: usize) -> Self {
        Self {
            clock: Default::default(),
            amount: Default::default(),
            clear: Default::default(),
            snapshot: Default::default(),
            index: Default::default(),
            word: Default::default(),
            _number: number,
            _value: 0,
            _copy: 0,
        }
    }
}

impl Logic for Counter {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.snapshot.val() {
                self._copy = self._value;
            }
            let sum = self._value + self.amount.val().to_u64();
            self._value = if self.clear.val() { 0 } else { sum & ((1 << COUNTER_BITS) - 1) };
        }
        let index = self.index.val().index();
        let half = self._copy >> (HALF_BITS as usize * (index % 2)) & ((1 << HALF_BITS) - 1);
        self.word.next = if index / 2 == self._number { half } else { 0 }.into();
    }

    fn connect(&mut self) {
        self.word.connect();
    }

    fn hdl(&self) -> Verilog {
        verilog_body(format!(
            "reg [47:0] value;\nreg [47:0] copy;\ninitial begin\n  value = 48'h0;\n  copy = 48'h0;\nend\n\
             always @(posedge clock) begin\n  if (clear) value <= 48'h0;\n  else value <= value + {{36'h0, amount}};\n  \
             if (snapshot) copy <= value;\nend\nwire mine = index[7:1] == 7'd{};\n\
             assign word = (copy[23:0] & {{24{{mine & ~index[0]}}}}) | (copy[47:24] & {{24{{mine & index[0]}}}});\n",
            self._number
        ))
    }
}
