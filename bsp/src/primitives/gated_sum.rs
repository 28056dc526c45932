//! The sum of two numbers, of which each may be left out, in one LUT per bit.

use super::{body, low_bits};
use rust_hdl::prelude::*;
use std::fmt::Write as _;

/// `q <= (use_a ? a : 0) + (use_b ? b : 0)`, at every rising edge.
///
/// `a` and `b` are two's complement numbers of B bits; `q` has S bits (more than B, 32 at most) and is exact. Latency 1 clock.
///
/// ```text
/// clock  _/~\_/~\_/~\_
/// use_a  _/~~~~~~~\___
/// use_b  _____/~~~\___
/// q      ---< a ><a+b>
/// ```
///
/// In hardware a chain of CCU2C, B + 2 LUTs for an even B and B + 3 for an odd one, and B + 1 flip-flops: the bits of `q` above those are
/// copies of its sign.
// The LUTs of a bit: A = a, B = use_a, C = b, D = use_b, INIT 7888.
// * LUT4 = A & B ^ C & D          the sum without carry
// * LUT2 = INIT[3:0] = A & B      carry generated where the LUT4 is 0: both bits are equal there
// The carry into bit 0 is made by the unused first half of the chain, as in `AddShift`.
#[derive(LogicBlock)]
pub struct GatedSum<const B: usize, const S: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// One summand, two's complement.
    pub a: Signal<In, Bits<B>>,
    /// 0 leaves `a` out.
    pub use_a: Signal<In, Bit>,
    /// The other, two's complement.
    pub b: Signal<In, Bits<B>>,
    /// 0 leaves `b` out.
    pub use_b: Signal<In, Bit>,
    /// The sum, two's complement.
    pub q: Signal<Out, Bits<S>>,
}

impl<const B: usize, const S: usize> Default for GatedSum<B, S> {
    fn default() -> Self {
        const {
            assert!(
                2 <= B && B < S && S <= 32,
                "GatedSum has summands of 2 bits or more, and a sum of more bits, 32 at most"
            )
        };
        Self {
            clock: Default::default(),
            a: Default::default(),
            use_a: Default::default(),
            b: Default::default(),
            use_b: Default::default(),
            q: Default::default(),
        }
    }
}

impl<const B: usize, const S: usize> GatedSum<B, S> {
    /// One CCU2C of its two halves; `None` is a half that only passes a carry of 0.
    fn slice(index: usize, halves: [Option<usize>; 2], last: bool) -> String {
        let mut pins = String::new();
        for (half, bit) in halves.iter().enumerate() {
            match bit {
                Some(bit) => {
                    // The sum's own sign is that of summands with one bit more.
                    let source = (*bit).min(B - 1);
                    let _ = write!(
                        pins,
                        "  .A{half}(a[{source}]), .B{half}(use_a), .C{half}(b[{source}]), .D{half}(use_b), .S{half}(sum[{bit}]),"
                    );
                }
                None => {
                    let _ = write!(pins, "  .A{half}(1'b1), .B{half}(1'b1), .C{half}(1'b1), .D{half}(1'b1),");
                }
            }
        }
        if index > 0 {
            let _ = write!(pins, " .CIN(carry[{}]),", index - 1);
        }
        if !last {
            let _ = write!(pins, " .COUT(carry[{index}]),");
        }
        let init = |half: usize| if halves[half].is_some() { "16'h7888" } else { "16'h0000" };
        format!(
            "CCU2C #(.INIT0({}), .INIT1({}), .INJECT1_0(\"NO\"), .INJECT1_1(\"NO\")) slice{index} (\n{}\n);\n",
            init(0),
            init(1),
            pins.trim_end_matches(',')
        )
    }

    fn chain() -> String {
        let slices = (B + 3) / 2;
        let bit = |position: usize| position.checked_sub(1).filter(|bit| *bit <= B);
        let cells = (0..slices).map(|i| Self::slice(i, [bit(2 * i), bit(2 * i + 1)], i + 1 == slices));
        format!("wire [{}:0] carry;\n{}", slices - 1, cells.collect::<String>())
    }
}

impl<const B: usize, const S: usize> Logic for GatedSum<B, S> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let unused = 32 - B;
            let term =
                |number: Bits<B>, used: bool| if used { (number.to_u32() << unused) as i32 >> unused } else { 0 };
            let sum = term(self.a.val(), self.use_a.val()) + term(self.b.val(), self.use_b.val());
            self.q.next = low_bits(u64::from(sum as u32));
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        body(format!(
            "wire [{B}:0] sum;\nreg [{B}:0] state;\ninitial state = {width}'h0;\nalways @(posedge clock) state <= sum;\n\
             assign q = {{{{{copies}{{state[{B}]}}}}, state[{msb}:0]}};\n`ifdef SYNTHESIS\n{chain}`else\n\
             assign sum = (use_a ? {{a[{msb}], a}} : {width}'h0) + (use_b ? {{b[{msb}], b}} : {width}'h0);\n`endif\n",
            width = B + 1,
            copies = S - B,
            msb = B - 1,
            chain = Self::chain(),
        ))
    }
}
