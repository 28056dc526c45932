//! An accumulator that is also a stage of a word-wide shift register, in one LUT per bit.

use super::{body, low_bits};
use rust_hdl::prelude::*;
use std::fmt::Write as _;

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
// The carry into bit 0 is made by the unused first half of the chain (all inputs 1, INIT 0: carry 0 whatever CIN is), so
// that nextpnr needs no feed-in.
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
    /// One CCU2C; `None` is a half that only passes a carry of 0.
    fn slice(index: usize, halves: [Option<usize>; 2], last: bool) -> String {
        let mut pins = String::new();
        for (half, bit) in halves.iter().enumerate() {
            match bit {
                Some(bit) => {
                    let _ = write!(
                        pins,
                        "  .A{half}(q[{bit}]), .B{half}(add), .C{half}(term[{bit}]), .D{half}(shift_in[{bit}]), .S{half}(d[{bit}]),"
                    );
                }
                None => {
                    let _ = write!(pins, "  .A{half}(1'b1), .B{half}(1'b1), .C{half}(1'b1), .D{half}(1'b1),");
                }
            }
        }
        // an open CIN or COUT, rather than a constant or an unused net, spares nextpnr a feed-in or feed-out
        if index > 0 {
            let _ = write!(pins, " .CIN(carry[{}]),", index - 1);
        }
        if !last {
            let _ = write!(pins, " .COUT(carry[{index}]),");
        }
        let init = |half: usize| if halves[half].is_some() { "16'h7B48" } else { "16'h0000" };
        format!(
            "CCU2C #(.INIT0({}), .INIT1({}), .INJECT1_0(\"NO\"), .INJECT1_1(\"NO\")) slice{index} (\n{}\n);\n",
            init(0),
            init(1),
            pins.trim_end_matches(',')
        )
    }

    fn chain() -> String {
        let slices = W / 2 + 1;
        let bit = |position: usize| position.checked_sub(1).filter(|bit| *bit < W);
        let cells = (0..slices).map(|i| Self::slice(i, [bit(2 * i), bit(2 * i + 1)], i + 1 == slices));
        format!("wire [{}:0] carry;\n{}", slices - 1, cells.collect::<String>())
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
