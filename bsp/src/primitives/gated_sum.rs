//! The sum of two numbers, of which each may be left out, in one LUT per bit.

use super::carry_chain::{ChainBit, carry_chain};
use super::{body, low_bits};
use rust_hdl::prelude::*;

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
    fn chain() -> String {
        carry_chain(B + 1, 0x7888, |bit| {
            // The sum's own sign is that of summands with one bit more.
            let source = bit.min(B - 1);
            ChainBit {
                inputs: [format!("a[{source}]"), "use_a".into(), format!("b[{source}]"), "use_b".into()],
                sum: format!("sum[{bit}]"),
            }
        })
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
