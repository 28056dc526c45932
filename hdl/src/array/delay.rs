//! A bit, some clocks later.

use super::verilog_body;
use rust_hdl::prelude::*;

/// `q` is what `d` was N clocks before (N at least 2); 0 after power-up.
///
/// ```text
/// clock  _/~\_/~\_/~\_/~\_/~\_
/// d      _/~~~\_______________
/// q      _________/~~~\_______   (N = 2)
/// ```
#[derive(LogicBlock)]
pub struct Delay<const N: usize> {
    pub clock: Signal<In, Clock>,
    pub d: Signal<In, Bit>,
    pub q: Signal<Out, Bit>,
    _line: u32,
}

impl<const N: usize> Default for Delay<N> {
    fn default() -> Self {
        const { assert!(2 <= N && N <= 32, "Delay has 2 to 32 clocks") };
        Self { clock: Default::default(), d: Default::default(), q: Default::default(), _line: 0 }
    }
}

impl<const N: usize> Logic for Delay<N> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._line = self._line << 1 | u32::from(self.d.val());
            self.q.next = self._line >> (N - 1) & 1 == 1;
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        verilog_body(format!(
            "reg [{msb}:0] line;\ninitial line = {N}'h0;\nalways @(posedge clock) line <= {{line[{next}:0], d}};\nassign q = line[{msb}];\n",
            msb = N - 1,
            next = N - 2,
        ))
    }
}
