//! An accumulator that is also a stage of a word-wide shift register, in one LUT per bit.

use super::carry_chain::{ChainBit, carry_chain};
use super::{body, low_bits};
use rust_hdl::prelude::*;

/// `q <= add ? q + weight : shift_in`, at a rising edge with `enable`; otherwise `q` stays.
///
/// W bits (2..=32), wrapping modulo 2^W; `weight` is two's complement and sign-extended from B bits (1..=W). Latency 1 clock.
///
/// ```text
/// clock     _/~\_/~\_/~\_
/// enable    _/~~~~~~~\___
/// add       _/~~~\_______
/// q         -q-<q+w><shift_in
/// ```
///
/// In hardware a chain of CCU2C, W + 1 LUTs for an odd W and W + 2 for an even one, and W flip-flops with clock enable; from
/// the plain expression Yosys makes several times as many. `weight` may be anything while `add` is 0.
// The LUTs of a bit: A = q, B = add, C = weight, D = shift_in, INIT 7B48.
// * LUT4 = B ? A ^ C : D          the sum without carry, or the neighbour's bit
// * LUT2 = INIT[3:0] = A & B      carry generated where the LUT4 is 0: q (= weight there) while adding, never while shifting
#[derive(LogicBlock)]
pub struct AddShift<const W: usize, const B: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Clock enable.
    pub enable: Signal<In, Bit>,
    /// 1: add `weight`, 0: take `shift_in`.
    pub add: Signal<In, Bit>,
    /// What is added, two's complement.
    pub weight: Signal<In, Bits<B>>,
    /// The neighbour's word.
    pub shift_in: Signal<In, Bits<W>>,
    /// The accumulator.
    pub q: Signal<Out, Bits<W>>,
}

impl<const W: usize, const B: usize> Default for AddShift<W, B> {
    fn default() -> Self {
        const { assert!(2 <= W && W <= 32 && 1 <= B && B <= W, "AddShift has 2 to 32 bits, and a weight of 1 to W bits") };
        Self {
            clock: Default::default(),
            enable: Default::default(),
            add: Default::default(),
            weight: Default::default(),
            shift_in: Default::default(),
            q: Default::default(),
        }
    }
}

impl<const W: usize, const B: usize> AddShift<W, B> {
    fn chain() -> String {
        carry_chain(W, 0x7B48, |bit| ChainBit {
            inputs: [format!("q[{bit}]"), "add".into(), format!("term[{bit}]"), format!("shift_in[{bit}]")],
            sum: format!("d[{bit}]"),
        })
    }
}

impl<const W: usize, const B: usize> Logic for AddShift<W, B> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            self.q.next = if self.add.val() {
                let unused = 32 - B;
                let weight = ((self.weight.val().to_u32() << unused) as i32) >> unused;
                low_bits(u64::from(self.q.val().to_u32().wrapping_add_signed(weight)))
            } else {
                self.shift_in.val()
            };
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        // rust-hdl declares a port of one bit without a range
        let sign = if B == 1 { "weight".to_string() } else { format!("weight[{}]", B - 1) };
        let term = if B == W { "weight".to_string() } else { format!("{{{{{}{{{sign}}}}}, weight}}", W - B) };
        body(format!(
            "wire [{msb}:0] term = {term};\nwire [{msb}:0] d;\nreg [{msb}:0] state;\ninitial state = {W}'h0;\n\
             always @(posedge clock) if (enable) state <= d;\nassign q = state;\n`ifdef SYNTHESIS\n{chain}`else\n\
             assign d = add ? state + term : shift_in;\n`endif\n",
            msb = W - 1,
            chain = Self::chain(),
        ))
    }
}
