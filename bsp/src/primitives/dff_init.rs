//! Register with a power-up value.

use super::body;
use rust_hdl::prelude::*;

/// `q <= d` at every rising edge; `q` is the given value from configuration on. Latency 1 clock.
///
/// rust-hdl's `DFFWithInit` puts an XOR at both ends of a register that starts at 0; this one costs no LUT.
#[derive(Clone, Debug, LogicBlock)]
pub struct DffInit<T: Synth> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Next value.
    pub d: Signal<In, T>,
    /// Value.
    pub q: Signal<Out, T>,
    _init: T,
}

impl<T: Synth> DffInit<T> {
    /// A register that starts with `init`.
    pub fn new(init: T) -> Self {
        Self { clock: Default::default(), d: Default::default(), q: Signal::new_with_default(init), _init: init }
    }
}

impl<T: Synth> Logic for DffInit<T> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.q.next = self.d.val();
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        body(format!(
            "reg [{}:0] state;\ninitial state = {};\nalways @(posedge clock) state <= d;\nassign q = state;\n",
            T::BITS - 1,
            self._init.verilog()
        ))
    }
}
