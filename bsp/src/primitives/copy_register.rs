//! A register that synthesis keeps apart from its equals.

use super::body;
use rust_hdl::prelude::*;

/// `q <= d` at every rising edge, 0 at power-up; latency 1 clock.
///
/// A control signal with hundreds of readers all over the chip is slow; the remedy is a register of its own for every group of
/// readers. Yosys merges registers with equal inputs into one again; these it does not.
#[derive(LogicBlock, Default)]
pub struct CopyRegister {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Next value.
    pub d: Signal<In, Bit>,
    /// Value.
    pub q: Signal<Out, Bit>,
}

impl Logic for CopyRegister {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.q.next = self.d.val();
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        body(
            "`ifdef SYNTHESIS\n(* keep *)\n\
             TRELLIS_FF #(.GSR(\"DISABLED\"), .CEMUX(\"1\"), .CLKMUX(\"CLK\"), .LSRMUX(\"LSR\"), .REGSET(\"RESET\"), .SRMODE(\"LSR_OVER_CE\"))\n  \
             register (.CLK(clock), .LSR(1'b0), .CE(1'b1), .DI(d), .Q(q));\n\
             `else\nreg state;\ninitial state = 1'b0;\nalways @(posedge clock) state <= d;\nassign q = state;\n`endif\n"
                .into(),
        )
    }
}
