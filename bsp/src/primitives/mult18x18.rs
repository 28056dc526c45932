//! One hardware multiplier with its three register levels.

use super::{bit_or_zero, body, low_bits, pins};
use rust_hdl::prelude::*;

/// Signed 18 x 18 bit multiplier, the low 32 bits of the product: one MULT18X18D with input, pipeline and output registers.
///
/// Latency 3 clocks, one product per clock. Without its registers the multiplier alone takes 3.9 ns at speed grade 6.
///
/// ```text
/// clock    _/~\_/~\_/~\_/~\_
/// a, b     -< x >-----------
/// product  -------------<a*b
/// ```
#[derive(LogicBlock, Default)]
pub struct Mult18x18 {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Factor, two's complement.
    pub a: Signal<In, Bits<18>>,
    /// Factor, two's complement.
    pub b: Signal<In, Bits<18>>,
    /// Bits 0..31 of the 36-bit product.
    pub product: Signal<Out, Bits<32>>,
    _factors: (i64, i64),
    _pipeline: u64,
}

fn signed18(x: Bits<18>) -> i64 {
    i64::from(((x.to_u32() << 14) as i32) >> 14)
}

impl Logic for Mult18x18 {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.product.next = low_bits(self._pipeline);
            self._pipeline = (self._factors.0 * self._factors.1) as u64;
            self._factors = (signed18(self.a.val()), signed18(self.b.val()));
        }
    }

    fn connect(&mut self) {
        self.product.connect();
    }

    fn hdl(&self) -> Verilog {
        let output = |i: usize| if i < 32 { format!("product[{i}]") } else { String::new() };
        let cell = format!(
            "MULT18X18D #(\n  .REG_INPUTA_CLK(\"CLK0\"), .REG_INPUTB_CLK(\"CLK0\"), .REG_PIPELINE_CLK(\"CLK0\"), .REG_OUTPUT_CLK(\"CLK0\"),\n  \
             .GSR(\"DISABLED\"), .RESETMODE(\"SYNC\")\n) multiplier (\n  {a}\n  {b}\n  {c}\n  \
             .SIGNEDA(1'b1), .SIGNEDB(1'b1), .SOURCEA(1'b0), .SOURCEB(1'b0), .CLK0(clock), .CE0(1'b1), .RST0(1'b0),\n  {p}\n);\n",
            a = pins("A", 18, |i| bit_or_zero("a", 18, i)).trim_end(),
            b = pins("B", 18, |i| bit_or_zero("b", 18, i)).trim_end(),
            c = pins("C", 18, |_| "1'b0".into()).trim_end(),
            p = pins("P", 36, output).trim_end_matches(", "),
        );
        body(format!(
            "`ifdef SYNTHESIS\n{cell}`else\n\
             reg signed [17:0] a_register;\nreg signed [17:0] b_register;\nreg signed [35:0] pipeline;\nreg signed [35:0] register;\n\
             initial begin\n  a_register = 18'h0;\n  b_register = 18'h0;\n  pipeline = 36'h0;\n  register = 36'h0;\nend\n\
             always @(posedge clock) begin\n  a_register <= a;\n  b_register <= b;\n  pipeline <= a_register * b_register;\n  \
             register <= pipeline;\nend\nassign product = register[31:0];\n`endif\n"
        ))
    }
}
